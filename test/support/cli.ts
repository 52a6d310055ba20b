/** The command line in this process, with streams that remember; against an engine in memory behind a real socket, or none. */
import { PassThrough } from 'node:stream';
import type { Streams } from '../../src/cli/command.ts';
import { main } from '../../src/cli/main.ts';
import type { EngineApi } from '../../src/model/engine-api.ts';
import { serve } from './api.ts';
import { scratch } from './scratch.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly input?: string;
  /** Size of the terminal that stdout and stderr are; none unless given. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
}

/** Runs `tsdock` with directories of its own, so that nothing of this host is touched. */
export async function runCli(args: readonly string[], options: CliOptions = {}, runDir = scratch()): Promise<CliResult> {
  const stdin = new PassThrough();
  stdin.end(options.input ?? '');
  const [stdout, readStdout] = sink(options);
  const [stderr, readStderr] = sink(options);
  const streams = { stdin, stdout, stderr } as unknown as Streams;
  const places = ['--run-dir', runDir, '--state-dir', `${runDir}/state`];
  const code = await main([...places, ...args], streams);
  return { code, stdout: readStdout(), stderr: readStderr() };
}

/** As `runCli`, against an engine that is served on the socket of its run directory. */
export async function runWith(engine: EngineApi, args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { directory } = await serve(engine);
  return await runCli(args, options, directory);
}

function sink({ terminal }: CliOptions): readonly [PassThrough, () => string] {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  if (terminal !== undefined) Object.assign(stream, terminal, { isTTY: true });
  return [stream, () => text];
}
