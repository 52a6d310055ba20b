/** `npm run check`: format, lint, types, generated files, unit and property tests. Seconds; run before every commit. */
import { installPackages, must } from './lib/setup.mjs';

await installPackages();
await must('node', ['node_modules/@biomejs/biome/bin/biome', 'ci', '.']);
await must('node', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json']);
await must('node', ['scripts/generate.mjs', '--check']);
await must('cargo', ['fmt', '--manifest-path', 'src/native/Cargo.toml', '--all', '--check']);
await must('node', ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--project', 'property', '--reporter=default']);
