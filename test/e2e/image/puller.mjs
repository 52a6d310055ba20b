/** Pulls one image into a state directory with the built engine, says `done` and ends: `node puller.mjs STATE_DIR REF`. For tests that kill it. */
import { join } from 'node:path';
import { createImages } from '../../../dist/controllers/image/controller.js';
import { silentLogger } from '../../../dist/model/log.js';
import { openNative } from '../../../dist/native/index.js';

const [stateDir = '', ref = ''] = process.argv.slice(2);
const native = await openNative({ stateDir, runDir: join(stateDir, 'run'), prefix: 'tsimg' });
const images = createImages({ stateDir, layers: native.layers, log: silentLogger, dockerConfig: null });
await images.pull(ref, { signal: new AbortController().signal, report: () => undefined });
process.stdout.write('done\n');
await images.close();
await native.close();
