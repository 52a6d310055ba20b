import { basename, resolve } from 'node:path';
import { type CommandContext, count, done, type Options, type Outcome, text } from '../command.ts';

export async function run(context: CommandContext, [directory = '']: readonly string[], options: Options): Promise<Outcome> {
  const { serveLayout } = await import('../../controllers/image/serve.ts');
  const path = resolve(context.cwd, directory);
  const repository = text(options, 'repository') ?? basename(path);
  const host = text(options, 'host') ?? '127.0.0.1';
  const server = await serveLayout({ directory: path, repository, host, port: count(options, 'port') ?? 0 });
  context.streams.stdout.write(`serving ${path} as ${server.host}/${repository}\n`);
  if (!context.signal.aborted) await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }));
  await server.close();
  return done;
}
