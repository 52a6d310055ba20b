import { existsSync } from 'node:fs';
import { packageVersion } from '../../version.ts';
import { type CommandContext, done, type Outcome } from '../command.ts';
import { escapeControls, printData } from '../output.ts';

/** The version of a daemon is asked for, but a command that only says its own never waits long for it. */
const probeMs = 1_000;

export async function run(context: CommandContext): Promise<Outcome> {
  const { globals, streams } = context;
  const data = {
    client: packageVersion(),
    daemon: await daemonVersion(globals.socket),
    native: packageVersion(),
    node: process.versions.node,
    apiVersions: ['tsdock/v1'],
  };
  if (await printData(context, data)) return done;
  const lines = [
    `client  ${data.client}`,
    `daemon  ${data.daemon === null ? '-' : escapeControls(data.daemon)}`,
    `native  ${data.native}`,
    `node    ${data.node}`,
  ];
  streams.stdout.write(`${lines.join('\n')}\n`);
  return done;
}

async function daemonVersion(socket: string): Promise<string | null> {
  if (!existsSync(socket)) return null;
  const { createClient, probeDaemon } = await import('../../api/client.ts');
  if ((await probeDaemon(socket, probeMs)) !== 'answers') return null;
  return (await createClient(socket).info()).version;
}
