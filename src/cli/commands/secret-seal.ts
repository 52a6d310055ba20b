import { sealSections, writtenSecrets } from '../../manifest/edit-secret.ts';
import { type CommandContext, done, type Options, type Outcome } from '../command.ts';
import { counted } from '../output.ts';
import { encryptFor, placeOf, readManifestFiles, writeManifest } from '../secret-files.ts';

/** Encrypts every clear value of the Secrets in manifests, where it is written. */
export async function run(context: CommandContext, names: readonly string[], options: Options): Promise<Outcome> {
  const { encrypt } = await encryptFor(context, options);
  let sealed = 0;
  for (const first of readManifestFiles(context, options)) {
    let file = first;
    for (const [index, secret] of first.secrets.entries()) {
      if (secret.clear.size === 0 || (names.length > 0 && !names.includes(secret.name))) continue;
      const armored = new Map(await Promise.all([...secret.clear].map(async ([key, bytes]) => [key, await encrypt(bytes)] as const)));
      const place = placeOf(file, secret, index);
      const text = sealSections(file.text, place, armored);
      await writeManifest(file, text, place, new Map([...secret.encrypted, ...armored]));
      file = { ...file, text, secrets: writtenSecrets(file.file, text) };
      sealed += armored.size;
    }
  }
  if (!context.globals.quiet)
    context.streams.stdout.write(sealed === 0 ? 'Nothing is in clear.\n' : `${counted(sealed, 'value')} encrypted\n`);
  if (sealed > 0 && !context.globals.quiet)
    context.streams.stderr.write(
      'What Git or a backup has of the earlier text stays in clear there: change values that others may have read.\n',
    );
  return done;
}
