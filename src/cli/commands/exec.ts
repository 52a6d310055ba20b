import { writeFully } from '../../api/frames.ts';
import { endOf, passOn } from '../../api/pump.ts';
import type { EngineApi, ExecOptions, ExecSession } from '../../model/engine-api.ts';
import { TsdockError } from '../../model/errors.ts';
import { type CommandContext, flag, type Options, type Outcome, text, texts, usage } from '../command.ts';
import { connect } from '../connect.ts';
import { notAnInstance, parseInstance } from '../keys.ts';

const SIGINT = 2;

export async function run(context: CommandContext, args: readonly string[], options: Options): Promise<Outcome> {
  const [name = '', ...argv] = args;
  const request = execOptions(context, name, argv[0] === '--' ? argv.slice(1) : argv, options);
  try {
    const connection = await connect(context, 'read');
    try {
      return { is: 'exit', code: await runSession(context, await openSession(connection.engine, request)) };
    } finally {
      await connection.close();
    }
  } catch (error) {
    const { asTsdockError } = await import('../usage.ts');
    const failure = asTsdockError(error, []);
    if (failure === null) throw error;
    const { printError } = await import('../report.ts');
    printError(failure, [], context.streams);
    return { is: 'exit', code: codeOf(failure) };
  }
}

async function openSession(engine: EngineApi, request: ExecOptions): Promise<ExecSession> {
  try {
    return await engine.exec(request);
  } catch (error) {
    const isAbsent = error instanceof TsdockError && error.code === 'CLI021';
    throw (isAbsent ? await notAnInstance(engine, request) : null) ?? error;
  }
}

/** What a shell would say of a command that could not be run; everything else is the engine's failure. */
function codeOf({ code }: TsdockError): number {
  if (code === 'RUN126') return 126;
  if (code === 'RUN127') return 127;
  return code === 'ABORTED' ? 130 : 125;
}

function execOptions(context: CommandContext, name: string, argv: readonly string[], options: Options): ExecOptions {
  const { stdout } = context.streams;
  if (argv.length === 0) throw usage('no command is named', 'tsdock exec web -- ls -l');
  return {
    ...parseInstance(name, context.globals),
    argv,
    env: Object.fromEntries(texts(options, 'env').map((word) => variable(context, word))),
    cwd: text(options, 'workdir'),
    user: text(options, 'user'),
    // A terminal that was never given a size has none: 0 by 0.
    terminal: flag(options, 'tty') ? { cols: stdout.columns || 80, rows: stdout.rows || 24 } : null,
    stdin: flag(options, 'stdin'),
  };
}

/** `NAME=value`, or `NAME` with the value it has here. */
function variable({ env }: CommandContext, word: string): readonly [string, string] {
  const at = word.indexOf('=');
  const name = at < 0 ? word : word.slice(0, at);
  if (name === '') throw usage(`-e "${word}" is not NAME=value`, '-e LANG=C');
  return [name, at < 0 ? (env[name] ?? '') : word.slice(at + 1)];
}

/** Joins this process's streams with those of the session until it ends. */
async function runSession({ streams, signal }: CommandContext, session: ExecSession): Promise<number> {
  const { stdin, stdout, stderr } = streams;
  const restore = session.stderr === null ? rawMode(stdin, session.stdin !== null) : () => undefined;
  const resize = () => void session.resize(stdout.columns || 80, stdout.rows || 24).catch(() => undefined); // it may have ended
  const interrupt = () => void session.signal(SIGINT).catch(() => undefined);
  if (session.stderr === null && stdout.isTTY) stdout.on('resize', resize);
  signal.addEventListener('abort', interrupt, { once: true });
  session.stdin?.on('error', () => undefined); // the command closed it
  if (session.stdin !== null) stdin.pipe(session.stdin);
  try {
    const outputs = [
      passOn(session.stdout, (bytes) => writeFully(stdout, bytes)),
      ...(session.stderr === null ? [] : [passOn(session.stderr, (bytes) => writeFully(stderr, bytes))]),
    ];
    return await endOf(session, outputs);
  } finally {
    signal.removeEventListener('abort', interrupt);
    stdout.removeListener('resize', resize);
    if (session.stdin !== null) stdin.unpipe(session.stdin);
    stdin.pause();
    restore();
  }
}

/** Keys go to the command as they are typed. Undone by the returned function. */
function rawMode(stdin: NodeJS.ReadStream, wanted: boolean): () => void {
  if (!wanted || stdin.isTTY !== true) return () => undefined;
  stdin.setRawMode(true);
  return () => void stdin.setRawMode(false);
}
