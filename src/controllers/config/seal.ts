import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { TsdockError } from '../../model/errors.ts';
import type { SourceSnapshot } from '../../model/graph.ts';
import type { OwnedValue } from '../../model/plan.ts';
import type { AnyResource, Resource, ResourceKey, SpecHash } from '../../model/resource.ts';
import { isUnsealed, ownValue, secretContent } from '../../model/secret.ts';
import type { SealedValue, SecretSpec, SecretValue } from '../../model/spec.ts';
import { decryptAge, readIdentities } from './age.ts';
import { generateValue } from './generate.ts';
import { readKept } from './kept.ts';
import { passingKey, readStoreKey, type StoreKey } from './keys.ts';

/** Seals what enters the engine and opens what leaves it for a file, a variable or a login. Holds the key, in memory, once somebody needs it. */
export interface Sealer {
  /**
   * The same snapshots with the values of each Secret sealed, generated ones made and age texts opened. What is already known keeps its box, so that equal documents stay
   * equal. `known`: the documents that hold now. With `plan` nothing is written: on a host without a key the seals hold for this process only.
   */
  sealSnapshots(
    snapshots: readonly SourceSnapshot[],
    known: (key: ResourceKey) => AnyResource | null,
    purpose: 'apply' | 'plan',
  ): Promise<readonly SourceSnapshot[]>;
  /** A Secret with new values for its generated keys, all or some. */
  renew(secret: Resource<'Secret'>, keys: readonly string[] | null): Promise<Resource<'Secret'>>;
  open(value: OwnedValue): Promise<Buffer>;
  /** Says where desired Secrets are found from now on, for `readSecret`. */
  configure(find: FindSecret): void;
  /**
   * Clear values of a desired Secret by key, for a login that is needed now: opened for the caller and kept by nobody. Null when nobody desires it; SEC011 when it cannot
   * be opened. Bytes that are no text are left out.
   */
  readSecret(key: ResourceKey<'Secret'>): Promise<ReadonlyMap<string, string> | null>;
}

type FindSecret = (key: ResourceKey<'Secret'>) => Resource<'Secret'> | null;

export function createSealer({ stateDir }: { readonly stateDir: string }): Sealer {
  let key: StoreKey | null = null;
  const keyFor = async (purpose: 'apply' | 'plan'): Promise<StoreKey> => {
    if (key !== null) return key;
    const found = await readStoreKey(stateDir, purpose === 'apply' ? 'make' : 'leave');
    if (found === null) return passingKey();
    key = found;
    return found;
  };
  /** Age texts that were opened before: a watched directory is read every half minute. */
  const opened = new Map<string, SealedValue>();

  const open = async ({ owner, key: name, sealed }: OwnedValue): Promise<Buffer> => {
    const storeKey = key ?? (await readStoreKey(stateDir, 'leave'));
    if (storeKey === null) {
      const message = `keys/store.key is gone, nothing of ${owner} can be opened`;
      throw new TsdockError('SEC011', { key: owner, message, hint: 'restore it' });
    }
    key = storeKey;
    return storeKey.open({ secret: owner, key: name }, sealed.box);
  };
  let find: FindSecret = () => null;

  return {
    sealSnapshots: async (snapshots, known, purpose) => {
      if (!snapshots.some(({ documents }) => documents.some(isUnsealed))) return snapshots;
      const using: Using = { key: await keyFor(purpose), stateDir, opened, identities: null };
      const seal = (document: AnyResource): Promise<AnyResource> | AnyResource => {
        if (document.kind !== 'Secret' || !isUnsealed(document)) return document;
        const before = known(document.key);
        return sealSecret(document, before?.kind === 'Secret' ? before.spec : null, using);
      };
      return Promise.all(snapshots.map(async (snapshot) => ({ ...snapshot, documents: await Promise.all(snapshot.documents.map(seal)) })));
    },

    renew: async (secret, keys) => {
      const storeKey = await keyFor('apply');
      const wanted = keys ?? Object.keys(secret.spec.generate);
      const values: Record<string, SecretValue> = { ...secret.spec.values };
      for (const name of wanted) {
        const rule = ownValue(secret.spec.generate, name);
        if (rule === null) {
          const message = `${JSON.stringify(name)} of ${secret.key} is not generated`;
          throw new TsdockError('SEC012', { key: secret.key, message, hint: 'its value is in a manifest' });
        }
        values[name] = sealValue(storeKey, { secret: secret.key, key: name }, generateValue(rule), null);
      }
      const spec = { ...secret.spec, values };
      return { ...secret, spec, specHash: hashSealed(spec) };
    },

    open,

    configure: (found) => {
      find = found;
    },

    readSecret: async (name) => {
      const secret = find(name);
      if (secret === null) return null;
      const content = secretContent(secret, find);
      if (content.is === 'unknown') throw new TsdockError('SEC011', { key: name, message: content.message });
      const values = await Promise.all(Object.entries(content.values).map(async ([key, value]) => [key, await open(value)] as const));
      return new Map(values.flatMap(([key, bytes]) => (isUtf8(bytes) ? [[key, bytes.toString()] as const] : [])));
    },
  };
}

interface Using {
  readonly key: StoreKey;
  readonly stateDir: string;
  readonly opened: Map<string, SealedValue>;
  /** Read when the first age text asks for them. */
  identities: Promise<readonly string[]> | null;
}

async function sealSecret(secret: Resource<'Secret'>, before: SecretSpec | null, using: Using): Promise<Resource<'Secret'>> {
  const values: Record<string, SecretValue> = {};
  for (const [name, value] of Object.entries(secret.spec.values)) values[name] = await sealOne(secret.key, name, value, before, using);
  const kept = Object.keys(secret.spec.generate).length === 0 ? {} : await readKept(using.stateDir, secret.key);
  for (const [name, rule] of Object.entries(secret.spec.generate)) {
    const known = isGenerated(before, name) ? sealedOf(before, name) : null;
    values[name] = known ?? ownValue(kept, name) ?? sealValue(using.key, { secret: secret.key, key: name }, generateValue(rule), null);
  }
  const spec = { ...secret.spec, values };
  return { ...secret, spec, specHash: hashSealed(spec) };
}

async function sealOne(
  secret: ResourceKey<'Secret'>,
  key: string,
  value: SecretValue,
  before: SecretSpec | null,
  using: Using,
): Promise<SecretValue> {
  const owner = { secret, key };
  switch (value.form) {
    case 'sealed':
      return value;
    case 'plain':
      return sealValue(using.key, owner, Buffer.from(value.base64, 'base64'), sealedOf(before, key));
    case 'unread':
      return sealedOf(before, key) ?? value;
    case 'age': {
      const name = createHash('sha256').update(`${secret}\0${key}\0${value.armored}`).digest('hex');
      const known = using.opened.get(name);
      if (known !== undefined) return known;
      using.identities ??= readIdentities(using.stateDir);
      const bytes = await decryptAge(value.armored, await using.identities);
      if (bytes === null) return value;
      const sealed = sealValue(using.key, owner, bytes, sealedOf(before, key));
      if (using.opened.size >= mostOpened) using.opened.clear();
      using.opened.set(name, sealed);
      return sealed;
    }
  }
}

/** Enough for every Secret of a host; forgetting only costs opening again. */
const mostOpened = 4096;

function sealValue(
  key: StoreKey,
  owner: { readonly secret: ResourceKey<'Secret'>; readonly key: string },
  bytes: Uint8Array,
  before: SealedValue | null,
): SealedValue {
  const hash = key.hash(owner, bytes);
  return before?.hash === hash ? before : { form: 'sealed', hash, box: key.seal(owner, bytes) };
}

function sealedOf(spec: SecretSpec | null, key: string): SealedValue | null {
  const value = spec === null ? null : ownValue(spec.values, key);
  return value?.form === 'sealed' ? value : null;
}

function isGenerated(spec: SecretSpec | null, key: string): boolean {
  return spec !== null && ownValue(spec.generate, key) !== null;
}

/** Over hashes, rules and references: boxes differ each time, and an age text may be sealed again for others without another content. */
function hashSealed(spec: SecretSpec): SpecHash {
  const values = Object.entries(spec.values).map(([key, value]) => [key, value.form === 'sealed' ? value.hash : value]);
  const facts = [sorted(values as [string, unknown][]), sorted(Object.entries(spec.generate)), spec.from];
  return `v1:${createHash('sha256').update(JSON.stringify(facts)).digest('hex')}`;
}

function sorted(entries: readonly (readonly [string, unknown])[]): readonly (readonly [string, unknown])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
