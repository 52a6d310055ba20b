import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TestHost } from './host.ts';

/** A test on a host of its own. When the body is through, everything of the engine must be gone again: the body deletes what it applied. `options`: the tier's unless given. */
export function onHost(
  title: string,
  body: (host: TestHost) => Promise<void>,
  options: { readonly timeout?: number; readonly retry?: number } = {},
): void {
  const run = async (): Promise<void> => {
    const host = new TestHost();
    let failed = true;
    try {
      await body(host);
      failed = false;
    } finally {
      if (failed) await explain(host);
      const left = await host.close();
      if (!failed) expect(left, 'left behind').toEqual([]);
    }
  };
  test(title, options, run);
}

/** What a failed test keeps: the state of all objects, the last events and logs, before everything is torn down. */
async function explain(host: TestHost): Promise<void> {
  for (const args of [['ps', '-A', '-o', 'wide'], ['status'], ['events']]) {
    const result = await host.tsdock(args);
    process.stderr.write(`--- tsdock ${args.join(' ')}\n${result.stdout}${result.stderr}`);
  }
  const instances = await host.tsdock(['ps', '-A', '-o', 'json']);
  process.stderr.write(`${instances.stdout}\n`);
  const log = join(host.runDir, 'rt', 'zygote.log');
  if (existsSync(log)) process.stderr.write(`--- ${log}\n${readFileSync(log, 'utf8')}\n`);
  host.kill();
}
