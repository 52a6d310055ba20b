/** Bundles the command line into dist/bundle/: a few files instead of hundreds, since finding and compiling modules is most of a short command's time. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { rolldown } from 'rolldown';
import { root } from './lib/setup.mjs';

const bundleDirectory = join(root, 'dist', 'bundle');

export async function bundleCli() {
  rmSync(bundleDirectory, { recursive: true, force: true });
  const bundle = await rolldown({
    cwd: root,
    input: { main: join(root, 'src', 'cli', 'main.ts') },
    platform: 'node',
    plugins: [lmdbAddon],
    transform: { define: { 'process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED': '"true"' } }, // an addon for an encoding the store does not use
    checks: { eval: false }, // ordered-binary makes its reader of strings with it
    logLevel: 'warn',
  });
  // Names stay readable in stack traces: only white space and dead code go. CommonJS, since bin/chunks.cjs can keep compiled code of that.
  const { output } = await bundle.write({
    dir: bundleDirectory,
    format: 'cjs',
    entryFileNames: '[name]-[hash].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    minify: { compress: true, mangle: false, codegen: true },
  });
  await bundle.close();
  const entry = output.find((chunk) => chunk.type === 'chunk' && chunk.isEntry);
  writeFileSync(join(bundleDirectory, 'main.cjs'), `module.exports = require('./${entry.fileName}');\n`);
  mkdirSync(join(bundleDirectory, 'cache'));
}

/**
 * lmdb asks node-gyp-build-optional-packages for its addon, which looks through directories for it. In the bundle the addon of this Node comes first, by its name in
 * lmdb's own package for this machine; wherever that is not it, lmdb's way is taken.
 */
const lmdbAddon = {
  name: 'lmdb-addon',
  resolveId(source, importer) {
    if (source === 'node-gyp-build-optional-packages' && importer?.includes('/node_modules/lmdb/')) return '\0lmdb-addon';
    return null;
  },
  load(id) {
    if (id !== '\0lmdb-addon') return null;
    return `
      import { createRequire } from 'node:module';
      import { dirname } from 'node:path';
      export default function load() {
        const lmdb = createRequire(import.meta.url).resolve('lmdb');
        const require = createRequire(lmdb);
        try {
          return require(\`@lmdb/lmdb-\${process.platform}-\${process.arch}/node.abi\${process.versions.modules}.glibc.node\`);
        } catch {
          return require('node-gyp-build-optional-packages')(dirname(dirname(lmdb)));
        }
      }`;
  },
};

/** Commands that change nothing: what they run is most of what the others run. */
const examples = ['-f', join(root, 'examples', 'manifests'), '--var', 'COPIES=1', '--var', 'PORT=8084', '--var', 'GREETING=hello'];
const typicalCommands = [
  ['validate', ...examples],
  ['diff', ...examples],
  ['diff', ...examples, '-o', 'json'],
  ['get', 'container', '-A'],
  ['get', 'container', '-o', 'yaml'],
  ['ps', '-o', 'json'],
  ['ps', '-A'],
  ['status'],
  ['explain', 'container'],
  ['version'],
  ['--help'],
];

/**
 * Runs typical commands once, in this process and on a state of their own, and keeps the code V8 makes of them (bin/chunks.cjs): the first command after a build is as
 * fast as the next. On a host where one of them cannot run, less code is kept.
 */
export async function keepCompiledCode() {
  const directory = mkdtempSync(join(tmpdir(), 'tsdock-build-'));
  try {
    const [state, run, config] = ['state', 'run', 'config.yaml'].map((name) => join(directory, name));
    writeFileSync(config, 'apiVersion: tsdock/v1\nkind: EngineConfig\nmetadata: {name: engine}\nspec: {}\n');
    makeStore(join(state, 'store'));
    const { load, store } = createRequire(import.meta.url)(join(root, 'bin', 'chunks.cjs')).openBundle(bundleDirectory);
    const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
    for (const flag of interpreted) setFlagsFromString(`--no-${flag}`);
    for (const command of typicalCommands) {
      const streams = { stdin: process.stdin, stdout: nowhere(), stderr: nowhere() };
      const code = await load('main.cjs').main(['--state-dir', state, '--run-dir', run, '--config', config, ...command], streams);
      if (code !== 0 && code !== 2) process.stderr.write(`note: "tsdock ${command[0]}" ended with ${code} here; it will start slower\n`);
    }
    for (const flag of interpreted) setFlagsFromString(`--${flag}`); // code of other flags would be refused
    store();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What V8 does to code that ran long ago or often; off, all code that ran is there to be kept. */
const interpreted = ['flush-bytecode', 'opt', 'sparkplug'];

/** An empty one, so that reading it is among what is run. In a process of its own: lmdb opens an environment once a process. */
function makeStore(path) {
  const program = `import(process.argv[1]).then(({ openStore }) => openStore(process.argv[2], { readOnly: false })).then((store) => store.close())`;
  execFileSync(process.execPath, ['-e', program, join(root, 'dist', 'store', 'store.js'), path]);
}
