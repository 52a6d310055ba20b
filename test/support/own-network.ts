/** Test files that change links, tables or addresses of their own process: run again in a process with a network namespace of its own. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from './host.ts';

/** Whether this process is one that `runInOwnNetwork` started. A worker cannot change its namespace: its threads share the one they began in. */
export const inOwnNetwork = process.env.TSDOCK_TEST_NAMESPACE === '1';

/** Runs a test file of a project with `inOwnNetwork` set and its loopback up. Throws with what it printed when a test failed or none ran. Needs root. */
export function runInOwnNetwork(project: string, file: string): void {
  const vitest = join(packageRoot, 'node_modules', 'vitest', 'vitest.mjs');
  const program = 'ip link set lo up && exec "$@"';
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--net', '--', 'sh', '-c', program, 'sh', process.execPath, vitest, 'run', '--project', project, file],
    { env: { ...process.env, NO_COLOR: '1', TSDOCK_TEST_NAMESPACE: '1' }, encoding: 'utf8' },
  );
  if (status !== 0 || !/Tests\s+\d+ passed/.test(stdout)) throw new Error(`the inner run ended with ${status}:\n${stdout}${stderr}`);
}
