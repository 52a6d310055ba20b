import { TsdockError } from '../../model/errors.ts';
import { type CommandContext, done, type Options, type Outcome } from '../command.ts';
import { findSecret, openEncrypted, readManifestFiles } from '../secret-files.ts';

/** Prints one encrypted value of a manifest as it is, without a line break: for a pipe. */
export async function run(context: CommandContext, args: readonly string[], options: Options): Promise<Outcome> {
  const [name = '', key = ''] = args;
  const { file, secret } = findSecret(context, readManifestFiles(context, options), name);
  const armored = secret.encrypted.get(key);
  if (armored === undefined) {
    const hint = `encrypted are ${[...secret.encrypted.keys()].join(', ') || 'none'}`;
    throw new TsdockError('CLI021', {
      message: `${file.file}: Secret ${JSON.stringify(name)} has no encrypted value ${JSON.stringify(key)}`,
      hint,
    });
  }
  const opened = await openEncrypted(context, file, { ...secret, encrypted: new Map([[key, armored]]) });
  const bytes = opened.get(key) ?? new Uint8Array();
  context.streams.stdout.write(bytes);
  if (context.streams.stdout.isTTY === true) context.streams.stdout.write('\n');
  return done;
}
