import { appendFile, mkdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLogs } from '../../../src/controllers/container/logs.ts';
import type { LogEntry, LogOptions } from '../../../src/model/engine-api.ts';
import { resourceKey } from '../../../src/model/resource.ts';
import { identityText } from '../../support/samples.ts';
import { scratch } from '../../support/scratch.ts';

const stamp = (second: number) => `2026-03-01T12:00:${String(second).padStart(2, '0')}.000000000Z`;
const entry = (second: number, line: string, stream = 'stdout') => `${stamp(second)} ${stream} F ${line}\n`;

function setup() {
  const stateDir = scratch();
  const instance = async (name: string, slot: number, createdAt: number) => {
    const id = `i${createdAt}`;
    const path = join(stateDir, 'logs', id);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'identity'), identityText({ key: resourceKey('Container', 'shop', name), slot }));
    await utimes(join(path, 'identity'), createdAt, createdAt);
    return {
      path,
      write: (text: string) => appendFile(join(path, 'current.log'), text),
      rotate: async () => {
        await rename(join(path, 'current.log.1'), join(path, 'current.log.2')).catch(() => undefined);
        await rename(join(path, 'current.log'), join(path, 'current.log.1'));
        await writeFile(join(path, 'current.log'), '');
      },
    };
  };
  const stop = new AbortController();
  const logs = (over: Partial<LogOptions> = {}) =>
    readLogs(stateDir, {
      namespace: 'shop',
      name: 'web',
      follow: false,
      tail: null,
      sinceMs: null,
      previous: false,
      signal: stop.signal,
      ...over,
    });
  return { stateDir, instance, logs, stop };
}

async function lines(entries: AsyncIterable<LogEntry>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const one of entries) found.push(`${one.instance} ${one.line}`);
  return found;
}

/** The next entries of something that is followed; fails when they do not come. */
async function next(entries: AsyncIterator<LogEntry>, count: number): Promise<readonly string[]> {
  const found: string[] = [];
  while (found.length < count) {
    const { value, done } = await entries.next();
    if (done === true) throw new Error(`ended after ${found.join()}`);
    found.push(`${value.instance} ${value.line}`);
  }
  return found;
}

test('entries of all instances come in order of time, over rotated files', async () => {
  const { instance, logs } = setup();
  const [one, two] = [await instance('web', 1, 1), await instance('web', 2, 2)];
  await one.write(entry(1, 'a'));
  await one.rotate();
  await one.write(entry(3, 'c'));
  await one.rotate();
  await one.write(entry(5, 'e', 'stderr'));
  await two.write(entry(2, 'b') + entry(4, 'd'));
  expect(await lines(logs())).toEqual(['web-1 a', 'web-2 b', 'web-1 c', 'web-2 d', 'web-1 e']);
  expect(await lines(logs({ name: 'web-2' }))).toEqual(['web-2 b', 'web-2 d']);
});

test('a line that a rotation cuts in two is one line', async () => {
  const { instance, logs } = setup();
  const one = await instance('web', 1, 1);
  await one.write(`${stamp(1)} stdout P first \n`);
  await one.rotate();
  await one.write(`${entry(2, 'second')}${stamp(3)} stdout P prompt> \n`);
  expect(await lines(logs())).toEqual(['web-1 first second', 'web-1 prompt> ']);
});

describe('tail and since', () => {
  test.each([
    [0, []],
    [1, ['web-1 9']],
    [4, ['web-1 6', 'web-1 7', 'web-1 8', 'web-1 9']],
    [99, Array.from({ length: 10 }, (_, number) => `web-1 ${number}`)],
  ])('tail %i', async (tail, expected) => {
    const { instance, logs } = setup();
    const one = await instance('web', 1, 1);
    for (let number = 0; number < 10; number++) {
      await one.write(entry(number, `${number}`));
      if (number === 3 || number === 6) await one.rotate();
    }
    expect(await lines(logs({ tail }))).toEqual(expected);
  });

  test('since is a moment, inclusive', async () => {
    const { instance, logs } = setup();
    const one = await instance('web', 1, 1);
    await one.write(entry(1, 'a') + entry(2, 'b') + entry(3, 'c'));
    expect(await lines(logs({ sinceMs: Date.parse(stamp(2)) }))).toEqual(['web-1 b', 'web-1 c']);
  });
});

test('previous is the incarnation before', async () => {
  const { instance, logs } = setup();
  await (await instance('web', 1, 1)).write(entry(1, 'old'));
  await (await instance('web', 1, 2)).write(entry(2, 'new'));
  expect(await lines(logs())).toEqual(['web-1 new']);
  expect(await lines(logs({ previous: true }))).toEqual(['web-1 old']);
});

test('what has no logs is CLI011', async () => {
  const { instance, logs } = setup();
  await expect(lines(logs())).rejects.toMatchObject({ code: 'CLI011' });
  await instance('web', 1, 1);
  expect(await lines(logs())).toEqual([]);
  await expect(lines(logs({ previous: true }))).rejects.toMatchObject({ code: 'CLI011' });
  await expect(lines(logs({ namespace: 'other' }))).rejects.toMatchObject({ code: 'CLI011' });
});

describe('following', () => {
  test('brings what was there, then what comes, through rotations, each line once', async () => {
    const { instance, logs, stop } = setup();
    const one = await instance('web', 1, 1);
    await one.write(entry(1, 'a') + entry(2, 'b'));
    const followed = logs({ follow: true, tail: 1 });
    expect(await next(followed, 1)).toEqual(['web-1 b']);
    await one.write(entry(3, 'c'));
    expect(await next(followed, 1)).toEqual(['web-1 c']);
    await one.write(entry(4, 'd'));
    await one.rotate();
    await one.write(entry(5, 'e'));
    await one.rotate();
    await one.write(entry(6, 'f'));
    expect(await next(followed, 3)).toEqual(['web-1 d', 'web-1 e', 'web-1 f']);
    stop.abort();
    expect(await followed.next()).toEqual({ value: undefined, done: true });
  });

  test('goes on with a new incarnation', async () => {
    const { instance, logs, stop } = setup();
    await (await instance('web', 1, 1)).write(entry(1, 'old'));
    const followed = logs({ follow: true });
    expect(await next(followed, 1)).toEqual(['web-1 old']);
    await (await instance('web', 1, 2)).write(entry(2, 'new'));
    expect(await next(followed, 1)).toEqual(['web-1 new']);
    stop.abort();
    expect((await followed.next()).done).toBe(true);
  });

  test('waits for an instance that has not written yet', async () => {
    const { instance, logs, stop } = setup();
    const one = await instance('web', 1, 1);
    const followed = logs({ follow: true });
    const first = next(followed, 1);
    await mkdir(one.path, { recursive: true });
    await one.write(entry(1, 'a'));
    expect(await first).toEqual(['web-1 a']);
    stop.abort();
    expect((await followed.next()).done).toBe(true);
  });
});

test('a long log is read in pieces, every line once and in order', async () => {
  const { instance, logs } = setup();
  const one = await instance('web', 1, 1);
  const text = Array.from({ length: 5000 }, (_, number) => entry(1, `${number} ${'x'.repeat(number % 200)}`)).join('');
  await one.write(text);
  const found = await lines(logs());
  expect(found).toHaveLength(5000);
  expect(found.every((line, number) => line.startsWith(`web-1 ${number} x`) || line === `web-1 ${number} `)).toBe(true);
});
