/** `npm run build`: schemas to code, TypeScript to dist/, addon and helper to build/, the sample image. Seconds when nothing changed. */
import { checkGround, installPackages, must } from './lib/setup.mjs';

checkGround();
await installPackages();
await must('node', ['scripts/generate.mjs']);
await must('node', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
const { bundleCli, keepCompiledCode } = await import('./bundle.mjs');
await bundleCli();
await must('node', ['scripts/build-native.mjs']);
const { buildSample } = await import('./build-sample.mjs');
buildSample();
await keepCompiledCode();
