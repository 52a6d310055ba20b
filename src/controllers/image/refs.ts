import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageConfig } from '../../model/image-config.ts';
import type { Digest } from '../../model/reference.ts';
import type { Identity, Instant, ResourceKey } from '../../model/resource.ts';
import type { SignedBy } from '../../model/signature-rule.ts';
import { isAbsent, writeDurably } from './files.ts';

/** What is known of one pulled reference. Its file is the last thing a pull writes: whatever it names was on disk before. */
export interface RefRecord {
  readonly version: 1;
  readonly ref: string;
  /** Digest of the platform's manifest. */
  readonly digest: Digest;
  /** What the name pointed at: the same, or the index above it. */
  readonly topDigest: Digest;
  readonly configDigest: Digest;
  readonly platform: string;
  readonly config: ImageConfig;
  /** Lowest first. */
  readonly layers: readonly RefLayer[];
  readonly unpackedBytes: number;
  readonly resolvedAt: Instant;
  /** When it was seen in use last; absent: it was not yet. */
  readonly usedAt?: Instant;
  /** Signatures that were checked; absent: it came before any were asked for. */
  readonly signedBy?: readonly SignedBy[];
  /** Image objects that asked for it; an image can be here for nobody. */
  readonly holders: readonly Holder[];
}

export interface RefLayer {
  readonly digest: Digest;
  readonly diffId: Digest;
  readonly size: number;
  readonly mediaType: string;
  /** Directory below `<state>/layers`. */
  readonly snapshot: string;
}

export interface Holder {
  readonly key: ResourceKey<'Image'>;
  readonly identity: Identity;
  readonly since: Instant;
}

export interface RefListing {
  readonly records: readonly RefRecord[];
  /** Files that cannot be read as a record: counted as absent, but nothing is collected while there are any. */
  readonly damaged: readonly string[];
}

export interface RefStore {
  get(ref: string): RefRecord | null;
  /** All of them, by reference. Reads only files that changed since the last look; throws when the directory cannot be read. */
  list(): RefListing;
  /** Removes a file that `list` called damaged. */
  drop(path: string): Promise<void>;
  /** Replaces the record of `ref` by what `change` makes of it; null removes it. One change of a reference at a time. */
  update(ref: string, change: (record: RefRecord | null) => RefRecord | null): Promise<RefRecord | null>;
}

export function createRefStore(directory: string): RefStore {
  const cache = new Map<string, { readonly stamp: string; readonly record: RefRecord | null }>();
  const queues = new Map<string, Promise<unknown>>();
  const read = (name: string): RefRecord | null => {
    const path = join(directory, name);
    const { mtimeMs, size, ino } = statSync(path);
    const stamp = `${mtimeMs}:${size}:${ino}`;
    const cached = cache.get(name);
    if (cached?.stamp === stamp) return cached.record;
    const record = parseRecord(readFileSync(path, 'utf8'), name);
    cache.set(name, { stamp, record });
    return record;
  };
  const get = (ref: string): RefRecord | null => {
    try {
      return read(fileName(ref));
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  };
  const change = async (ref: string, make: (record: RefRecord | null) => RefRecord | null): Promise<RefRecord | null> => {
    const next = make(get(ref));
    if (next === null) {
      await rm(join(directory, fileName(ref)), { force: true });
    } else {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeDurably(join(directory, fileName(ref)), `${JSON.stringify(next)}\n`);
    }
    return next;
  };

  return {
    get,
    list() {
      const records: RefRecord[] = [];
      const damaged: string[] = [];
      for (const name of namesIn(directory)) {
        if (!name.endsWith('.json')) continue;
        const record = readIfPresent(() => read(name));
        if (record === 'absent') continue;
        if (record === null) damaged.push(join(directory, name));
        else records.push(record);
      }
      return { records: records.sort((a, b) => (a.ref < b.ref ? -1 : 1)), damaged };
    },
    drop: (path) => rm(path, { force: true }),
    update(ref, make) {
      const before = queues.get(ref) ?? Promise.resolve();
      const result = before.then(() => change(ref, make));
      const settled = result
        .catch(() => undefined)
        .then(() => {
          if (queues.get(ref) === settled) queues.delete(ref);
        });
      queues.set(ref, settled);
      return result;
    },
  };
}

function fileName(ref: string): string {
  return `${createHash('sha256').update(ref).digest('hex')}.json`;
}

/** Null when the text is no record of ours, or stands under another reference's name. */
function parseRecord(text: string, name: string): RefRecord | null {
  try {
    const record = JSON.parse(text) as Partial<RefRecord>;
    const whole =
      record.version === 1 &&
      typeof record.ref === 'string' &&
      fileName(record.ref) === name &&
      typeof record.digest === 'string' &&
      typeof record.configDigest === 'string' &&
      Array.isArray(record.layers) &&
      Array.isArray(record.holders) &&
      typeof record.config === 'object';
    return whole ? (record as RefRecord) : null;
  } catch {
    return null; // SyntaxError: a torn or foreign file
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function readIfPresent<T>(read: () => T): T | 'absent' {
  try {
    return read();
  } catch (error) {
    if (isAbsent(error)) return 'absent';
    throw error;
  }
}
