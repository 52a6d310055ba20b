import { existsSync } from 'node:fs';
import type { EngineApi } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import type { CommandContext } from './command.ts';

export interface Connection {
  readonly engine: EngineApi;
  /** Whether somebody goes on after this command: without a daemon a command has to wait for its own work. */
  readonly daemon: boolean;
  /** Lets go of lock and handles; containers go on. */
  close(): Promise<void>;
}

/** How long a daemon may take to say that it is there. */
const probeMs = 2_000;
/** Between two tries for the lock. */
const retryMs = 100;

/**
 * One interface to the engine: the daemon when its socket answers, else an engine in this process: under the lock for writes (waited for `--lock-timeout`, then
 * DMN001), without any for reads. CLI001 when a daemon holds the state and does not answer, when one was asked for with `--context`, and when only root could do without.
 */
export async function connect(context: CommandContext, access: 'read' | 'write'): Promise<Connection> {
  const { globals } = context;
  const daemon = await findDaemon(context);
  if (daemon.is === 'answers') return daemon.connection;
  if (daemon.is === 'silent') {
    const silence = `the daemon on ${globals.socket} does not answer`;
    if (access === 'write') throw new TsdockError('CLI001', { message: silence, hint: 'journalctl -u tsdock, or restart it' });
    context.streams.stderr.write(`warning: ${silence}; this is read from its state\n`);
  }
  if (daemon.is === 'absent' && (globals.socketGiven || process.getuid?.() !== 0)) throw noDaemon(globals);
  return access === 'read' ? await openHere(context, 'read') : await openUnderLock(context);
}

function noDaemon({ socket, socketGiven }: CommandContext['globals']): TsdockError {
  const why = existsSync(socket) ? 'refused' : 'no such socket';
  return socketGiven
    ? new TsdockError('CLI001', { message: `no daemon on ${socket} (${why})`, hint: 'tsdock daemon, or journalctl -u tsdock' })
    : new TsdockError('CLI001', {
        message: `no daemon on ${socket} (${why}), and only root can do without one`,
        hint: 'sudo, or journalctl -u tsdock',
      });
}

type Found = { readonly is: 'answers'; readonly connection: Connection } | { readonly is: 'absent' | 'silent' };

async function findDaemon({ globals }: CommandContext): Promise<Found> {
  if (!existsSync(globals.socket)) return { is: 'absent' };
  const { createClient, probeDaemon } = await import('../api/client.ts');
  const is = await probeDaemon(globals.socket, probeMs);
  if (is !== 'answers') return { is };
  return { is, connection: { engine: createClient(globals.socket), daemon: true, close: async () => undefined } };
}

async function openHere({ globals, streams }: CommandContext, access: 'read' | 'write'): Promise<Connection> {
  const [{ openEngine }, { createLogger }] = await Promise.all([import('../wiring.ts'), import('../logger.ts')]);
  const log = createLogger({ stream: streams.stderr, form: 'text', level: globals.verbose ? 'debug' : 'error' });
  const { stateDir, runDir, config, configGiven } = globals;
  const opened = await openEngine({ stateDir, runDir, config, configGiven, log }, access === 'read' ? 'read' : 'command');
  return { engine: opened.engine, daemon: false, close: () => opened.close() };
}

/** Another command may hold the lock for a while; a daemon that starts meanwhile is used. */
async function openUnderLock(context: CommandContext): Promise<Connection> {
  const deadline = Date.now() + context.globals.lockTimeoutMs;
  for (;;) {
    try {
      return await openHere(context, 'write');
    } catch (error) {
      const held = error instanceof TsdockError && error.code === 'DMN001';
      if (!held || Date.now() >= deadline) throw error;
    }
    context.signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    const daemon = await findDaemon(context);
    if (daemon.is === 'answers') return daemon.connection;
  }
}
