import { join } from 'node:path';
import { expect } from 'vitest';
import { onHost } from '../support/e2e.ts';
import { packageRoot, type TestHost } from '../support/host.ts';

async function npmStart(host: TestHost, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = host.spawn(process.execPath, [join(packageRoot, 'scripts', 'start.mjs'), ...args]);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

onHost('npm start shows a container of the sample image that answers, can be repeated, and --down removes it', async (host) => {
  for (const round of ['first', 'second']) {
    const { code, output } = await npmStart(host);
    expect(code, `${round} run:\n${output}`).toBe(0);
    expect(output).toContain('Hello from tsdock');
    expect(output).toMatch(/hello-1\s+running/);
  }
  expect((await host.ok(['exec', 'hello', '--', '/server', '--version'])).stdout, 'a command the quick start names').toMatch(
    /^tsdock-sample \d/,
  );
  const { code, output } = await npmStart(host, '--down');
  expect(code, output).toBe(0);
  expect((await host.ok(['image', 'ls'])).stdout).not.toContain('hello');
});
