import { join } from 'node:path';
import { readText } from '../../store/files.ts';
import { writeKeyFile } from './keys.ts';

const identityFile = 'identity.txt';

/** Age identities of this host, one a line as age-keygen writes them; `#` begins a comment line. None when there is no file. */
export async function readIdentities(stateDir: string): Promise<readonly string[]> {
  const text = await readText(join(stateDir, 'keys', identityFile));
  return (text ?? '').split('\n').flatMap((line) => (line.startsWith('AGE-SECRET-KEY-') ? [line.trim()] : []));
}

/** Clear bytes of an armoured text; null when no identity opens it or it is no age text. What went wrong is not told: it could only tell of the text. */
export async function decryptAge(armored: string, identities: readonly string[]): Promise<Uint8Array | null> {
  if (identities.length === 0) return null;
  const { armor, Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  try {
    for (const identity of identities) decrypter.addIdentity(identity);
    return await decrypter.decrypt(armor.decode(armored));
  } catch {
    return null;
  }
}

/** Armoured text that any of the recipients opens. */
export async function encryptAge(bytes: Uint8Array, recipients: readonly string[]): Promise<string> {
  const { armor, Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(bytes));
}

/** Adds an identity to those of this host; older ones stay, for what was sealed for them. Gives its recipient, which is no secret. */
export async function addIdentity(stateDir: string, comment: string): Promise<string> {
  const { generateIdentity, identityToRecipient } = await import('age-encryption');
  const directory = join(stateDir, 'keys');
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  const before = (await readText(join(directory, identityFile))) ?? '';
  const entry = `# ${comment}\n# recipient ${recipient}\n${identity}\n`;
  await writeKeyFile(directory, identityFile, Buffer.from(before === '' || before.endsWith('\n') ? before + entry : `${before}\n${entry}`));
  return recipient;
}

/** Recipients of this host's identities, the newest first. */
export async function recipientsOf(stateDir: string): Promise<readonly string[]> {
  const identities = await readIdentities(stateDir);
  const { identityToRecipient } = await import('age-encryption');
  return (await Promise.all(identities.map((identity) => identityToRecipient(identity)))).reverse();
}
