/**
 * `npm start`: sets up, builds, serves the sample image from a read-only registry on loopback, applies examples/manifests/hello.yaml, waits until it is ready and
 * shows its answer. Repeatable. `npm start -- --down` removes what it made.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkGround, checkRoot, fail, must, root, run } from './lib/setup.mjs';

const manifest = 'examples/manifests/hello.yaml';
const image = '127.0.0.1:5080/tsdock/hello:1';
const url = 'http://127.0.0.1:8080/';
const tsdock = join(root, 'bin', 'tsdock');

const [argument] = process.argv.slice(2);
if (argument !== undefined && argument !== '--down') {
  console.error(`error: unknown argument "${argument}"; hint: npm start, or npm start -- --down`);
  process.exit(64);
}
checkGround();
checkRoot('npm start');
if (argument === '--down') await down();
else await up();

async function up() {
  await must('node', ['scripts/build.mjs']);
  const { serveLayout } = await import(pathToFileURL(join(root, 'dist', 'controllers', 'image', 'serve.js')).href);
  const registry = await serveLayout({
    directory: join(root, 'build', 'sample-image'),
    repository: 'tsdock/hello',
    host: '127.0.0.1',
    port: 5080,
  }).catch((error) => fail(`the sample registry cannot listen on 127.0.0.1:5080: ${error.message}`, 'end the program that uses this port'));
  try {
    console.log(`$ tsdock apply -f ${manifest}`);
    await must(tsdock, ['apply', '-f', manifest]);
  } finally {
    await registry.close();
  }
  console.log(`\n$ curl ${url}`);
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch((error) =>
    fail(`${url} does not answer: ${error.cause?.message ?? error.message}`, 'bin/tsdock logs hello'),
  );
  if (!answer.ok) fail(`${url} answered ${answer.status}`);
  console.log((await answer.text()).trim());
  console.log('\n$ tsdock ps');
  await must(tsdock, ['ps']);
  console.log(`
It runs. What to try next (the command is bin/tsdock in this checkout):
  bin/tsdock logs hello                        what it printed
  bin/tsdock diff -f ${manifest}   nothing to change; edit the file and look again
  bin/tsdock describe container/hello          everything known about it
  bin/tsdock exec hello -- /server --version   a command inside
  bin/tsdock daemon --watch DIR                keep a directory of manifests applied
  npm start -- --down                          remove all of it`);
}

async function down() {
  if (!existsSync(join(root, 'dist', 'bundle', 'main.cjs'))) fail('nothing is built here, so nothing was started from here', 'npm start');
  await must(tsdock, ['delete', '-f', manifest, '--ignore-missing']);
  await run(tsdock, ['image', 'rm', image, '--ignore-missing']);
  console.log('Removed. Images and state of other manifests, if any, are untouched.');
}
