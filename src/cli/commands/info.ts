import type { HostInfo } from '../../native/index.ts';
import { type CommandContext, done, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { escapeControls, formatBytes, printData } from '../output.ts';

export async function run(context: CommandContext): Promise<Outcome> {
  const { streams } = context;
  const connection = await connect(context, 'read');
  try {
    const { host, ...engine } = await connection.engine.info();
    const facts = host as HostInfo;
    const data = { ...engine, daemon: connection.daemon, ...facts };
    if (await printData(context, data)) return done;
    const pairs: readonly (readonly [string, string])[] = [
      ['version', engine.version],
      ['daemon', connection.daemon ? `pid ${engine.pid}, since ${engine.startedAt}` : 'none'],
      ['state', engine.stateDir],
      ['run', engine.runDir],
      ['prefix', engine.prefix],
      ['kernel', facts.kernel],
      ['cgroup', `${facts.cgroup} (${facts.controllers.join(', ')})`],
      ['cpus', String(facts.cpus)],
      ['memory', formatBytes(facts.memoryBytes)],
      ['capabilities', facts.capabilities.join(', ')],
      ['features', facts.features.map(({ name, available }) => (available ? name : `${name} (missing)`)).join(', ')],
    ];
    for (const [name, value] of pairs) streams.stdout.write(`${name.padEnd(13)} ${escapeControls(value)}\n`);
    return done;
  } finally {
    await connection.close();
  }
}
