import type { EngineApi, LogEntry, LogOptions } from '../../model/engine-api.ts';
import { TsdockError } from '../../model/errors.ts';
import { type CommandContext, count, done, flag, flagOn, type Options, type Outcome, parseSince, text } from '../command.ts';
import { connect } from '../connect.ts';
import { notAnInstance, parseInstance } from '../keys.ts';
import { escapeControls } from '../output.ts';

export async function run(context: CommandContext, args: readonly string[], options: Options): Promise<Outcome> {
  const since = text(options, 'since');
  const wanted = {
    follow: flag(options, 'follow'),
    tail: count(options, 'tail'),
    sinceMs: since === null ? null : parseSince(since, Date.now(), '--since'),
    previous: flag(options, 'previous'),
    signal: context.signal,
  };
  const show = linePrinter(context, options);
  const sources = args.map((word): LogOptions => ({ ...wanted, ...parseInstance(word, context.globals) }));
  const connection = await connect(context, 'read');
  try {
    if (wanted.follow || sources.length === 1) await Promise.all(sources.map((source) => each(connection.engine, source, show)));
    else for (const entry of await merged(connection.engine, sources)) show(entry);
    return done;
  } catch (error) {
    if (context.signal.aborted && wanted.follow) return { is: 'interrupted' };
    throw error;
  } finally {
    await connection.close();
  }
}

async function each(engine: EngineApi, source: LogOptions, show: (entry: LogEntry) => void): Promise<void> {
  try {
    for await (const entry of engine.logs(source)) show(entry);
  } catch (error) {
    const isAbsent = error instanceof TsdockError && error.code === 'CLI011';
    throw (isAbsent ? await notAnInstance(engine, source) : null) ?? error;
  }
}

/** Entries of several containers in the order of their times. */
async function merged(engine: EngineApi, sources: readonly LogOptions[]): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  for (const source of sources) await each(engine, source, (entry) => entries.push(entry));
  return entries.sort((left, right) => (left.at < right.at ? -1 : left.at > right.at ? 1 : 0));
}

function linePrinter({ globals, streams }: CommandContext, options: Options): (entry: LogEntry) => void {
  const { stdout } = streams;
  if (flag(options, 'json') || globals.output === 'json') return (entry) => void stdout.write(`${JSON.stringify(entry)}\n`);
  const escaped = stdout.isTTY === true && !flag(options, 'raw');
  const prefix = flagOn(options, 'prefix');
  const timestamps = flag(options, 'timestamps');
  return ({ instance, at, line }) => {
    const head = `${prefix ? `${instance} | ` : ''}${timestamps ? `${at} ` : ''}`;
    stdout.write(`${head}${escaped ? escapeLine(line) : line}\n`);
  };
}

/** As `escapeControls`, but tabs are what they are in a log. */
const escapeLine = (line: string) => line.split('\t').map(escapeControls).join('\t');
