import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Event, NewEvent } from '../../../src/model/event.ts';
import { EventLog } from '../../../src/store/event-log.ts';
import { openStore, type Store } from '../../../src/store/store.ts';

let directory = '';
let store: Store;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tsdock-events-'));
  store = await openStore(join(directory, 'store'), { readOnly: false });
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const entry = (message: string): NewEvent => ({
  type: 'Normal',
  reason: 'Applied',
  object: null,
  generation: null,
  message,
  actor: 'test',
});
const forever = new AbortController().signal;

async function collect(events: AsyncIterable<Event>, count: number): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const event of events) {
    found.push(`${event.sequence} ${event.message}`);
    if (found.length === count) break;
  }
  return found;
}

test('entries are numbered without gaps, also after a transaction that failed', async () => {
  const log = new EventLog(store, { keep: 100 });
  await store.write((tx) => log.append(tx, [entry('a'), entry('b')], 1));
  const failed = store.write((tx) => {
    log.append(tx, [entry('lost')], 1);
    throw new Error('no');
  });
  await expect(failed).rejects.toThrow('no');
  await store.write((tx) => log.append(tx, [entry('c')], 1));
  expect([...log.after(0)].map((event) => `${event.sequence} ${event.message}`)).toEqual(['1 a', '2 b', '3 c']);
  expect(log.last()).toBe(3);
});

test('only the newest entries are kept, and the numbering goes on', async () => {
  const log = new EventLog(store, { keep: 2 });
  for (const message of ['a', 'b', 'c', 'd']) await store.write((tx) => log.append(tx, [entry(message)], 1));
  expect([...log.after(0)].map((event) => event.sequence)).toEqual([3, 4]);
});

test('a follower gets what is there and then what comes, until its signal', async () => {
  const log = new EventLog(store, { keep: 100 });
  await store.write((tx) => log.append(tx, [entry('a')], 1));
  const live = collect(log.read({ since: 0, follow: true, signal: forever }), 3);
  await store.write((tx) => log.append(tx, [entry('b'), entry('c')], 1));
  log.notify();
  expect(await live).toEqual(['1 a', '2 b', '3 c']);
  const abort = new AbortController();
  const idle = collect(log.read({ since: 3, follow: true, signal: abort.signal }), 1);
  abort.abort();
  expect(await idle).toEqual([]);
});
