import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { attempts, engineMeta, intents, singleton, storeFormat } from '../../../src/store/collections.ts';
import { openStore, type Store } from '../../../src/store/store.ts';

let directory = '';
let path = '';
const opened: Store[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tsdock-store-'));
  path = join(directory, 'store');
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  rmSync(directory, { recursive: true, force: true });
});

async function open(readOnly = false): Promise<Store> {
  const store = await openStore(path, { readOnly, writtenBy: '0.1.0' });
  opened.push(store);
  return store;
}
const intent = (verb: string) => ({ at: 1, subject: 'Image/_/a', verb, reason: 'Created' });

/** As a killed owner leaves it: nothing says that it was closed. */
function forgetClose(): void {
  rmSync(`${path}.clean`, { force: true });
}

test('what was written is there after closing and opening', async () => {
  const store = await open();
  await store.write((tx) => tx.put(intents, 'a', intent('pull')));
  await store.close();
  expect((await open()).get(intents, 'a')).toEqual(intent('pull'));
});

test('a transaction that throws leaves nothing, and later ones go on', async () => {
  const store = await open();
  await store.write((tx) => tx.put(intents, 'kept', intent('pull')));
  const failed = store.write((tx) => {
    tx.put(intents, 'half', intent('pull'));
    tx.delete(intents, 'kept');
    throw new Error('no');
  });
  await expect(failed).rejects.toThrow('no');
  await store.write((tx) => tx.put(intents, 'later', intent('pull')));
  expect([...store.range(intents)].map(([id]) => id)).toEqual(['kept', 'later']);
});

test('a transaction sees its own writes and those before it that are not on disk yet', async () => {
  const store = await open();
  const first = store.write((tx) => tx.put(intents, 'a', intent('pull')));
  const second = store.write((tx) => {
    tx.put(intents, 'b', intent(`${tx.get(intents, 'a')?.verb} again`));
    return tx.get(intents, 'b')?.verb;
  });
  expect(await second).toBe('pull again');
  await first;
});

test('a range is in key order and starts where it is told to', async () => {
  const store = await open();
  await store.write((tx) => {
    for (const id of ['c', 'a', 'b']) tx.put(intents, id, intent(id));
  });
  expect([...store.range(intents, 'b')].map(([id]) => id)).toEqual(['b', 'c']);
});

test('a Map, which JSON would empty, is refused', async () => {
  const store = await open();
  await expect(store.write((tx) => tx.put({ name: 'intents' }, 'a', { held: new Map() }))).rejects.toThrow('cannot be stored');
});

test('one bad value counts as absent, is reported and harms no other', async () => {
  const store = await open();
  await store.write((tx) => {
    tx.put(intents, 'bad', { ...intent('pull'), reason: 'MARK-ME' });
    tx.put(intents, 'good', intent('pull'));
  });
  await store.close();
  overwrite('MARK-ME', 'MARK-XX');
  const again = await open();
  expect(again.get(intents, 'bad')).toBeNull();
  expect(again.get(intents, 'good')).toEqual(intent('pull'));
  expect(again.corrupt).toEqual([{ collection: 'intents', id: 'bad', reason: 'checksum' }]);
  expect(again.movedAside).toBeNull();
});

test.each([
  ['empty', (file: string) => truncateSync(file, 0)],
  ['cut in the middle of a page', (file: string) => truncateSync(file, 5000)],
  ['of another program', (file: string) => writeFileSync(file, 'SQLite format 3\0'.repeat(600))],
  ['with a flipped meta page', (file: string) => flip(file, 0, 8192)],
  ['with a flipped tree', (file: string) => flip(file, 8192, statSync(file).size)],
])('a store file that is %s is set aside or read, and the store works afterwards', async (_, damage) => {
  const store = await open();
  await store.write((tx) => {
    for (let index = 0; index < 300; index++) tx.put(intents, `id-${index}`, { ...intent('pull'), reason: 'x'.repeat(200) });
  });
  await store.close();
  forgetClose();
  damage(join(path, 'data.mdb'));
  const again = await open();
  for (const [id, value] of again.range(intents)) expect(value, id).toEqual({ ...intent('pull'), reason: 'x'.repeat(200) });
  await again.write((tx) => tx.put(intents, 'new', intent('pull')));
  expect(again.get(intents, 'new')).toEqual(intent('pull'));
  if (again.movedAside !== null) expect(existsSync(again.movedAside.path)).toBe(true);
});

test('damage that lmdb would answer with the end of the process is found by the child, and what verifies is carried over', async () => {
  const store = await open();
  await store.write((tx) => {
    tx.put(attempts, 'Image/_/a#pull', {
      count: 1,
      lastAt: 1,
      nextTry: null,
      specHash: null,
      error: { code: 'X', message: 'y', hint: null, retryable: false },
    });
    for (let index = 0; index < 500; index++) tx.put(intents, `id-${index}`, { ...intent('pull'), reason: 'x'.repeat(300) });
  });
  await store.close();
  forgetClose();
  truncateSync(join(path, 'data.mdb'), Math.floor(statSync(join(path, 'data.mdb')).size / 2 / 4096) * 4096);
  const again = await open();
  expect(again.movedAside).toMatchObject({ reason: expect.stringMatching(/walk/) });
  expect(readdirSync(directory).filter((name) => name.startsWith('store.bad-'))).toHaveLength(1);
});

test('a store that is a file is set aside', async () => {
  writeFileSync(path, 'what is this');
  const store = await open();
  expect(store.movedAside).toMatchObject({ reason: 'it is no directory' });
});

test('at most three damaged stores are kept', async () => {
  for (let round = 0; round < 5; round++) {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'data.mdb'), 'nothing of ours');
    forgetClose();
    await (await open()).close();
  }
  expect(readdirSync(directory).filter((name) => name.startsWith('store.bad-'))).toHaveLength(3);
});

test('a store of a newer format is refused and left alone', async () => {
  const store = await open();
  await store.write((tx) => tx.put(engineMeta, singleton, { format: storeFormat + 1, writtenBy: '9.9.9', uid: 'u', bootId: 'b' }));
  await store.close();
  const before = readFileSync(join(path, 'data.mdb'));
  await expect(open()).rejects.toMatchObject({ code: 'DMN002', message: expect.stringContaining('9.9.9') });
  await expect(open(true)).rejects.toMatchObject({ code: 'DMN002' });
  expect(readFileSync(join(path, 'data.mdb')).equals(before)).toBe(true);
});

test('reading makes nothing: no store is an empty one, and a closed one stays byte for byte', async () => {
  const empty = await open(true);
  expect([...empty.range(intents)]).toEqual([]);
  expect(existsSync(path)).toBe(false);
  const store = await open();
  await store.write((tx) => tx.put(intents, 'a', intent('pull')));
  await store.close();
  const before = readFileSync(join(path, 'data.mdb'));
  const reader = await open(true);
  expect(reader.get(intents, 'a')).toEqual(intent('pull'));
  await expect(reader.write((tx) => tx.delete(intents, 'a'))).rejects.toMatchObject({ code: 'DMN011' });
  await reader.close();
  expect(readFileSync(join(path, 'data.mdb')).equals(before)).toBe(true);
  expect(existsSync(`${path}.clean`)).toBe(true);
});

/** Replaces text inside the environment's file, as a bad block would. */
function overwrite(text: string, by: string): void {
  const file = join(path, 'data.mdb');
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) bytes.write(by, at);
  writeFileSync(file, bytes);
}

/** One bit in every 61st byte from `from` to `to`. */
function flip(file: string, from: number, to: number): void {
  const bytes = readFileSync(file);
  const handle = openSync(file, 'r+');
  for (let at = from; at < to; at += 61) writeSync(handle, Buffer.from([(bytes[at] ?? 0) ^ 4]), 0, 1, at);
  closeSync(handle);
}

test('what was asked for before closing is on disk; whoever comes later is refused and touches nothing', async () => {
  const store = await open();
  const before = Array.from({ length: 20 }, (_, index) => store.write((tx) => tx.put(intents, `a${index}`, intent('pull'))));
  const closing = store.close();
  expect(() => store.get(intents, 'a0')).toThrow('closed');
  expect(() => [...store.range(intents)]).toThrow('closed');
  await expect(store.write((tx) => tx.put(intents, 'late', intent('pull')))).rejects.toThrow('closed');
  await Promise.all([closing, store.close(), ...before]);
  expect(() => store.get(intents, 'a0')).toThrow('closed');
  expect([...(await open()).range(intents)].map(([id]) => id).sort()).toEqual(before.map((_, index) => `a${index}`).sort());
});
