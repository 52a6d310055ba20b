import { TsdockError } from '../../model/errors.ts';
import { type CommandContext, done, flag, type Options, type Outcome, texts } from '../command.ts';

export async function run(context: CommandContext, _args: readonly string[], options: Options): Promise<Outcome> {
  const { globals, streams, signal } = context;
  if (process.getuid?.() !== 0) {
    throw new TsdockError('DMN030', {
      message: 'tsdock daemon needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN missing)',
      hint: 'sudo tsdock daemon',
    });
  }
  const [{ createLogger }, { openDaemonEngine }, { runDaemon }] = await Promise.all([
    import('../../logger.ts'),
    import('../../wiring.ts'),
    import('../../daemon.ts'),
  ]);
  const log = createLogger({
    stream: streams.stderr,
    form: streams.stderr.isTTY === true ? 'text' : 'json',
    level: globals.verbose ? 'debug' : 'info',
  });
  // A bug must not leave a half-dead daemon behind: containers do not notice its end, and whoever supervises it starts it again.
  process.once('unhandledRejection', (reason) => {
    log.error('unhandled rejection', { error: reason instanceof Error ? (reason.stack ?? reason.message) : String(reason) });
    process.exit(1);
  });
  const { stateDir, runDir, config, configGiven, socket } = globals;
  const opened = await openDaemonEngine({ stateDir, runDir, config, configGiven, log });
  await runDaemon(opened, {
    socket,
    directories: texts(options, 'watch'),
    lookMs: opened.config.reconcileMs,
    stopContainers: flag(options, 'stopContainers'),
    signal,
    log,
    onReady: () => void streams.stdout.write(`ready ${socket}\n`),
  });
  return done;
}
