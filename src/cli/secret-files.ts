/** Manifests of a command line whose Secrets are edited where they are written, and whom their values are encrypted for. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { decryptAge, encryptAge, readIdentities, recipientsOf } from '../controllers/config/age.ts';
import { type SecretPlace, type WrittenSecret, writtenSecrets } from '../manifest/edit-secret.ts';
import { TsdockError } from '../model/errors.ts';
import { writeWhole } from '../store/files.ts';
import { type CommandContext, type Options, texts, usage } from './command.ts';

export interface ManifestFile {
  /** As it was named. */
  readonly file: string;
  readonly path: string;
  readonly mode: number;
  readonly text: string;
  readonly secrets: readonly WrittenSecret[];
}

/** The files `-f` names; CLI010 for none, or for what cannot be written back; CLI011 for one that cannot be read. */
export function readManifestFiles({ cwd }: CommandContext, options: Options): readonly ManifestFile[] {
  const named = texts(options, 'filename');
  if (named.length === 0) throw usage('no manifest is named', '-f web.yaml');
  return named.map((file) => {
    if (file === '-') throw usage('what comes from stdin cannot be written back', '-f web.yaml');
    try {
      const path = realpathSync(resolve(cwd, file));
      const text = readFileSync(path, 'utf8');
      return { file, path, mode: statSync(path).mode & 0o777, text, secrets: writtenSecrets(file, text) };
    } catch (cause) {
      if (cause instanceof TsdockError) throw cause;
      throw new TsdockError('CLI011', { message: `${file}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause });
    }
  });
}

/** The Secret of that name, in the namespace that was asked for if one was. CLI021 for none, CLI010 for several. */
export function findSecret(
  { globals: { namespace } }: CommandContext,
  files: readonly ManifestFile[],
  name: string,
): { readonly file: ManifestFile; readonly secret: WrittenSecret; readonly place: SecretPlace } {
  const found = files.flatMap((file) =>
    file.secrets.flatMap((secret, index) =>
      secret.name === name && (namespace === null || (secret.namespace ?? 'default') === namespace)
        ? [{ file, secret, place: placeOf(file, secret, index) }]
        : [],
    ),
  );
  const [first] = found;
  if (first === undefined) {
    const known = files.flatMap(({ secrets }) => secrets.map((secret) => secret.name));
    const hint = known.length === 0 ? 'write its document first' : `there are ${known.join(', ')}`;
    throw new TsdockError('CLI021', { message: `no Secret ${JSON.stringify(name)} in ${files.map(({ file }) => file).join(', ')}`, hint });
  }
  if (found.length > 1) throw usage(`${found.length} Secrets are called ${JSON.stringify(name)}`, 'name one file, or a namespace with -n');
  return first;
}

export function placeOf({ file }: ManifestFile, { name }: WrittenSecret, index: number): SecretPlace {
  return { file, name, index };
}

/**
 * Writes the new text in place of the old one, with its mode. SEC014, with nothing written, unless reading it again gives what was meant and every other Secret as it was:
 * a mistake here would lose values that exist nowhere else.
 */
export async function writeManifest(
  file: ManifestFile,
  text: string,
  place: SecretPlace,
  wanted: ReadonlyMap<string, string>,
): Promise<void> {
  const after = writtenSecrets(file.file, text);
  const isMeant =
    after.length === file.secrets.length &&
    after.every((secret, index) => isSame(secret, file.secrets[index], index === place.index ? wanted : null));
  if (!isMeant)
    throw new TsdockError('SEC014', {
      message: `${file.file}: Secret ${JSON.stringify(place.name)} cannot be edited in place`,
      hint: 'write its values one a line',
    });
  await writeWhole(file.path, text, file.mode);
}

function isSame(after: WrittenSecret, before: WrittenSecret | undefined, wanted: ReadonlyMap<string, string> | null): boolean {
  const expected = wanted ?? before?.encrypted ?? new Map<string, string>();
  const found = [...after.encrypted].map(([key, value]) => [key, value.trim()] as const);
  return (
    after.name === before?.name && found.length === expected.size && found.every(([key, value]) => expected.get(key)?.trim() === value)
  );
}

// ------------------------------------------------------------------------------------------------------------------- recipients

export type Encrypt = (value: Uint8Array) => Promise<string>;

/** For those of `--recipients` (texts, or files with one a line), else for this host. SEC015 when that is nobody, CLI010 for what is no recipient. */
export async function encryptFor(
  context: CommandContext,
  options: Options,
): Promise<{ readonly encrypt: Encrypt; readonly count: number }> {
  const named = texts(options, 'recipients').flatMap((word) => recipientsIn(context, word));
  const recipients = named.length > 0 ? named : await recipientsOf(context.globals.stateDir);
  if (recipients.length === 0)
    throw new TsdockError('SEC015', {
      message: 'nobody to encrypt for: this host has no identity',
      hint: 'tsdock secret keygen, or --recipients age1…',
    });
  const encrypt: Encrypt = (value) => encryptAge(value, recipients);
  try {
    await encrypt(new Uint8Array());
  } catch {
    throw usage('one of --recipients is no age recipient', 'age1… as keygen prints it, or a file of them');
  }
  return { encrypt, count: recipients.length };
}

function recipientsIn({ cwd }: CommandContext, word: string): readonly string[] {
  if (word.startsWith('age1')) return word.split(/[\s,]+/).filter((part) => part !== '');
  try {
    const lines = readFileSync(resolve(cwd, word), 'utf8').split('\n');
    return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  } catch (cause) {
    throw new TsdockError('CLI011', {
      message: `${word}: cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      hint: 'a recipient begins with age1',
      cause,
    });
  }
}

/** Clear bytes of a Secret's encrypted values. SEC011 for the first one that no identity of this host opens. */
export async function openEncrypted(
  { globals }: CommandContext,
  { file }: ManifestFile,
  secret: WrittenSecret,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const identities = await readIdentities(globals.stateDir);
  const opened = new Map<string, Uint8Array>();
  for (const [key, armored] of secret.encrypted) {
    const bytes = await decryptAge(armored.trim(), identities);
    if (bytes === null) {
      const whose = identities.length === 0 ? 'this host has no identity' : 'none of this host’s identities opens it';
      const message = `${file}:${secret.line}: ${JSON.stringify(key)} of Secret ${JSON.stringify(secret.name)}: ${whose}`;
      throw new TsdockError('SEC011', { message, hint: `put the key into ${globals.stateDir}/keys/identity.txt` });
    }
    opened.set(key, bytes);
  }
  return opened;
}
