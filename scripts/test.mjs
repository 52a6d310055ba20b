/**
 * `npm test`: installs what the tests need, builds, runs every tier and cargo's tests, ends with one line of counts. Needs root.
 * `npm test -- unit property` runs only these tiers (`cargo` is one of them).
 */

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkGround, checkRoot, installDebianPackages, installPackages, must, root, run } from './lib/setup.mjs';

const tiers = ['unit', 'property', 'contract', 'integration', 'e2e', 'cargo'];
const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (!tiers.includes(name)) {
    console.error(`error: unknown tier "${name}"; hint: tiers are ${tiers.join(', ')}`);
    process.exit(64);
  }
}
const selected = wanted.length === 0 ? tiers : wanted;

checkGround();
checkRoot('npm test');
await installDebianPackages({
  'docker-registry': '/usr/bin/docker-registry',
  skopeo: '/usr/bin/skopeo',
  'busybox-static': '/bin/busybox',
  mmdebstrap: '/usr/bin/mmdebstrap',
  nftables: '/usr/sbin/nft',
  iproute2: '/usr/sbin/ip',
  strace: '/usr/bin/strace',
  attr: '/usr/bin/getfattr',
  zstd: '/usr/bin/zstd',
  umoci: '/usr/bin/umoci',
});
await installPackages();
await must('node', ['scripts/build.mjs']);

const counts = { passed: 0, failed: 0, skipped: 0 };
let broken = false;
if (selected.includes('cargo')) await runCargo();
for (const tier of selected) if (tier !== 'cargo') await runTier(tier);
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(broken || counts.failed > 0 ? 1 : 0);

/** One vitest project; counts come from its JSON report. A run that reports no test is a failure. */
async function runTier(tier) {
  const directory = join(root, '.cache', 'reports');
  mkdirSync(directory, { recursive: true });
  const report = join(directory, `${tier}.json`);
  rmSync(report, { force: true });
  const code = await run('node', [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    tier,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    broken = true;
    console.error(`error: the ${tier} tests left no report`);
    return;
  }
  counts.passed += result.numPassedTests;
  counts.failed += result.numFailedTests;
  counts.skipped += result.numPendingTests + result.numTodoTests;
  if (code !== 0 || result.numPassedTests === 0) broken = true;
  console.error(
    `${tier}: ${result.numPassedTests} passed, ${result.numFailedTests} failed, ${result.numPendingTests + result.numTodoTests} skipped`,
  );
}

/** Tests of the Rust workspace; their closing lines are added up. */
async function runCargo() {
  const sum = { passed: 0, failed: 0, ignored: 0 };
  const code = await new Promise((resolve) => {
    const child = spawn(
      'cargo',
      [
        'test',
        '--locked',
        '--manifest-path',
        'src/native/Cargo.toml',
        '--workspace',
        '--exclude',
        'tsdock-addon',
        '--features',
        'tsdock-core/layer',
        '--no-fail-fast',
      ],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let rest = '';
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const match = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/.exec(line);
        if (match === null) continue;
        sum.passed += Number(match[1]);
        sum.failed += Number(match[2]);
        sum.ignored += Number(match[3]);
      }
    });
    child.once('error', () => resolve(127));
    child.once('exit', (status) => resolve(status ?? 1));
  });
  counts.passed += sum.passed;
  counts.failed += sum.failed;
  counts.skipped += sum.ignored;
  if (code !== 0 || sum.passed === 0) broken = true;
  console.error(`cargo: ${sum.passed} passed, ${sum.failed} failed, ${sum.ignored} skipped`);
}
