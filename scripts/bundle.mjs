/** Bundles the command line into dist/bundle/: a few files instead of hundreds, since finding and compiling modules is most of a short command's time. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './lib/setup.mjs';

export async function bundleCli() {
  const directory = join(root, 'dist', 'bundle');
  rmSync(directory, { recursive: true, force: true });
  const bundle = await rolldown({
    cwd: root,
    input: { main: join(root, 'src', 'cli', 'main.ts') },
    platform: 'node',
    external: ['lmdb'], // has a native part that it finds beside itself
    logLevel: 'warn',
  });
  // Names stay readable in stack traces: only white space and dead code go.
  await bundle.write({
    dir: directory,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    minify: { compress: true, mangle: false, codegen: true },
  });
  await bundle.close();
}
