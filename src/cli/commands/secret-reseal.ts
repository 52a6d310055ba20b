import { writeEncrypted, writtenSecrets } from '../../manifest/edit-secret.ts';
import { type CommandContext, done, type Options, type Outcome } from '../command.ts';
import { counted } from '../output.ts';
import { encryptFor, openEncrypted, placeOf, readManifestFiles, writeManifest } from '../secret-files.ts';

/** Encrypts the values of Secrets again, for other recipients. All are opened before the first is written. */
export async function run(context: CommandContext, names: readonly string[], options: Options): Promise<Outcome> {
  const { encrypt } = await encryptFor(context, options);
  const files = readManifestFiles(context, options);
  const opened = await Promise.all(
    files.map(async (file) => {
      const meant = [...file.secrets.entries()].filter(([, { name }]) => names.length === 0 || names.includes(name));
      return {
        file,
        secrets: await Promise.all(
          meant.map(async ([index, secret]) => ({ index, secret, values: await openEncrypted(context, file, secret) })),
        ),
      };
    }),
  );
  let count = 0;
  for (const { file: first, secrets } of opened) {
    let file = first;
    for (const { index, secret, values } of secrets) {
      if (values.size === 0) continue;
      const armored = new Map(await Promise.all([...values].map(async ([key, bytes]) => [key, await encrypt(bytes)] as const)));
      const place = placeOf(file, secret, index);
      const text = writeEncrypted(file.text, place, armored);
      await writeManifest(file, text, place, armored);
      file = { ...file, text, secrets: writtenSecrets(file.file, text) };
      count += armored.size;
    }
  }
  if (!context.globals.quiet) context.streams.stdout.write(`${counted(count, 'value')} encrypted again\n`);
  return done;
}
