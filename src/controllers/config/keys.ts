import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import type { ContentHash, ResourceKey } from '../../model/resource.ts';
import { isAbsent } from '../../store/files.ts';

/** Whose value it is: part of every hash and of every box, so that neither means anything under another name. */
export interface Owner {
  readonly secret: ResourceKey<'Secret'>;
  readonly key: string;
}

/** What values are hashed and sealed with. */
export interface StoreKey {
  hash(owner: Owner, value: Uint8Array): ContentHash;
  seal(owner: Owner, value: Uint8Array): string;
  /** SEC011 when the box was sealed with another key or for another owner, or was changed. */
  open(owner: Owner, box: string): Buffer;
}

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** The key of the store under `<state>/keys`, made by the first who wants to write; null when there is none and `absent` is `leave`. */
export async function readStoreKey(stateDir: string, absent: 'make' | 'leave'): Promise<StoreKey | null> {
  const directory = join(stateDir, 'keys');
  const path = join(directory, 'store.key');
  const found = await readFile(path).catch((error: unknown) => {
    if (isAbsent(error)) return null;
    throw new TsdockError('SEC010', { message: `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, cause: error });
  });
  if (found !== null) {
    if (found.length !== keyBytes)
      throw new TsdockError('SEC010', { message: `${path} is not a key of ${keyBytes} bytes`, hint: 'restore it' });
    return storeKeyOf(found);
  }
  if (absent === 'leave') return null;
  const secret = randomBytes(keyBytes);
  await writeKeyFile(directory, 'store.key', secret);
  return storeKeyOf(secret);
}

/** On disk, with its name, before anybody relies on it; 0600 in a directory of 0700. Whoever has it can read every Secret of this host. */
export async function writeKeyFile(directory: string, name: string, content: Uint8Array): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const temporary = join(directory, `.${name}.${randomBytes(6).toString('hex')}`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(directory, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const parent = await open(directory, 'r');
  try {
    await parent.chmod(0o700);
    await parent.sync();
  } finally {
    await parent.close();
  }
}

/** A key that is forgotten with the process: for plans of a host that has none yet. */
export function passingKey(): StoreKey {
  return storeKeyOf(randomBytes(keyBytes));
}

/** AES-256-GCM with a random nonce, HMAC-SHA-256; two keys from one by HKDF, so that neither use says anything about the other. */
function storeKeyOf(secret: Uint8Array): StoreKey {
  const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', secret, new Uint8Array(), `tsdock ${use} v1`, keyBytes));
  const [boxKey, hashKey] = [derive('box'), derive('hash')];
  return {
    hash: (owner, value) => `hmac:${createHmac('sha256', hashKey).update(nameOf(owner)).update(value).digest('hex')}`,
    seal: (owner, value) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', boxKey, nonce).setAAD(nameOf(owner));
      return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]).toString('base64');
    },
    open: (owner, box) => {
      const bytes = Buffer.from(box, 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', boxKey, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
        decipher.setAAD(nameOf(owner)).setAuthTag(bytes.subarray(-tagBytes));
        return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
      } catch {
        throw new TsdockError('SEC011', {
          key: owner.secret,
          message: `${JSON.stringify(owner.key)} of ${owner.secret} was sealed with another key than keys/store.key of this host`,
          hint: 'restore the key, or apply the manifest again',
        });
      }
    },
  };
}

/** Neither part holds a NUL: keys of resources are labels, keys of values are file names. */
function nameOf({ secret, key }: Owner): Buffer {
  return Buffer.from(`${secret}\0${key}\0`);
}
