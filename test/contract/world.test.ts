/** The contract of the controllers on the in-memory kernel. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createControllers, type WiredControllers } from '../../src/controllers/index.ts';
import { silentLogger } from '../../src/model/log.ts';
import type { ContractHost } from '../support/contract.ts';
import { describeKinds, filesOf } from '../support/contract-kinds.ts';
import { buildLayout } from '../support/image-builder.ts';
import { World } from '../support/world.ts';

function makeWorldHost(): ContractHost {
  const directory = mkdtempSync(join(tmpdir(), 'tsdock-contract-'));
  const layout = join(directory, 'layout');
  mkdirSync(layout);
  mkdirSync(join(directory, 'proc'));
  buildLayout(layout, [
    { name: '1', layers: [{ entries: [{ name: 'app', content: 'one', mode: 0o755 }] }], run: { Entrypoint: ['/app'] } },
  ]);
  const sharedMemory = join('/dev/shm', basename(directory));
  mkdirSync(sharedMemory);
  const world = new World({ now: Date.now });
  const wire = (): WiredControllers => {
    world.killEngine();
    const common = { native: world.native(), stateDir: join(directory, 'state'), runDir: join(directory, 'run'), prefix: 'tsc' };
    mkdirSync(common.stateDir, { recursive: true });
    mkdirSync(common.runDir, { recursive: true });
    return createControllers({
      ...common,
      log: silentLogger,
      now: Date.now,
      random: Math.random,
      image: { dockerConfig: null },
      procDir: join(directory, 'proc'),
      resolvPath: join(directory, 'resolv.conf'),
      sharedMemory,
    });
  };
  return {
    controllers: () => wire().controllers,
    network: wire().network,
    sealer: wire().sealer,
    image: (tag) => `oci:${layout}:${tag}`,
    residue: () => [
      ...world.describe(),
      ...filesOf(join(directory, 'run')),
      ...filesOf(sharedMemory),
      ...filesOf(join(directory, 'state', 'secrets')),
      ...filesOf(join(directory, 'state', 'volumes')),
      ...filesOf(join(directory, 'state', 'upper')),
    ],
    fault: (call, fault) => world.fault(call, fault),
    close: () => {
      for (const path of [directory, sharedMemory]) rmSync(path, { recursive: true, force: true });
    },
  };
}

describeKinds({ make: makeWorldHost, faults: ['fail-before', 'fail-after', 'crash-after'] });
