import { writeEncrypted } from '../../manifest/edit-secret.ts';
import { TsdockError } from '../../model/errors.ts';
import { type CommandContext, done, type Options, type Outcome, usage } from '../command.ts';
import { readValue } from '../hidden-input.ts';
import { encryptFor, findSecret, readManifestFiles, writeManifest } from '../secret-files.ts';

/** Encrypts one value into its manifest. It is read from stdin: what stands on a command line can be read by everybody, and is kept by the shell. */
export async function run(context: CommandContext, args: readonly string[], options: Options): Promise<Outcome> {
  const [name = '', key = ''] = args;
  if (key.includes('='))
    throw usage(
      'a value does not belong on the command line: change it, your shell has kept it',
      'tsdock secret set NAME KEY -f FILE < value',
    );
  const { file, secret, place } = findSecret(context, readManifestFiles(context, options), name);
  if (secret.clear.has(key))
    throw new TsdockError('SEC014', {
      message: `${file.file}:${secret.line}: ${JSON.stringify(key)} is there in clear`,
      hint: `tsdock secret seal -f ${file.file}, then set it`,
    });
  const { encrypt, count } = await encryptFor(context, options);
  const armored = await encrypt(await readValue(context, `${name}.${key}`));
  await writeManifest(
    file,
    writeEncrypted(file.text, place, new Map([[key, armored]])),
    place,
    new Map([...secret.encrypted, [key, armored]]),
  );
  if (!context.globals.quiet)
    context.streams.stdout.write(
      `${file.file}: ${key} of ${name} is encrypted for ${count === 1 ? 'one recipient' : `${count} recipients`}\n`,
    );
  return done;
}
