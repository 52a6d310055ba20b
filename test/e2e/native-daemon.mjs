// Stands for a daemon in the survival tests: creates the instances of the specs it is given, says so, and waits to be killed.
import { createRequire } from 'node:module';

const [addonPath, options, ...specs] = process.argv.slice(2);
const addon = createRequire(import.meta.url)(addonPath);
const engine = new addon.Engine(options, () => {});
for (const spec of specs) {
  const answer = JSON.parse(await engine.create(spec, true));
  if ('error' in answer) throw new Error(answer.error.message);
}
process.stdout.write('ready\n');
setInterval(() => {}, 1000);
