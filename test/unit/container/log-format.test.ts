import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logsNamed, surplusLogs } from '../../../src/controllers/container/log-directories.ts';
import { createLogDecoder } from '../../../src/controllers/container/log-format.ts';
import { resourceKey } from '../../../src/model/resource.ts';

const at = '2026-03-01T12:00:00.000000001Z';
const later = '2026-03-01T12:00:00.000000002Z';

test('parts are joined by stream and carry the time of the first', () => {
  const decoder = createLogDecoder();
  const text = `${at} stdout P one \n${later} stderr F other\n${later} stdout P two \n${later} stdout F three\n`;
  expect(decoder.push(Buffer.from(text))).toEqual([
    { at: later, stream: 'stderr', line: 'other' },
    { at, stream: 'stdout', line: 'one two three' },
  ]);
});

test('a character that a part cuts in two stays whole', () => {
  const [first, second] = [Buffer.from('ä').subarray(0, 1), Buffer.from('ä').subarray(1)];
  const bytes = Buffer.concat([Buffer.from(`${at} stdout P `), first, Buffer.from(`\n${at} stdout F `), second, Buffer.from('\n')]);
  expect(createLogDecoder().push(bytes)).toEqual([{ at, stream: 'stdout', line: 'ä' }]);
});

test('what a crash cut is no entry, and an empty line is one', () => {
  const decoder = createLogDecoder();
  expect(decoder.push(Buffer.from(`${at} stdo\n${at} stdout F \n${at} stdout X a\nrubbish\n${at} stdout F b\n`))).toEqual([
    { at, stream: 'stdout', line: '' },
    { at, stream: 'stdout', line: 'b' },
  ]);
});

test('an unfinished line comes with flush, once', () => {
  const decoder = createLogDecoder();
  decoder.push(Buffer.from(`${at} stdout P prompt> \n`));
  expect(decoder.flush()).toEqual([{ at, stream: 'stdout', line: 'prompt> ' }]);
  expect(decoder.flush()).toEqual([]);
});

test('it does not matter how the bytes are cut', () => {
  const text = Buffer.from(`${at} stdout F grün\n${at} stderr P a\n${later} stderr F b\n`);
  const whole = createLogDecoder().push(text);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 8 }), (cuts) => {
      const decoder = createLogDecoder();
      const points = [0, ...cuts.sort((a, b) => a - b), text.length];
      expect(points.slice(1).flatMap((end, index) => decoder.push(text.subarray(points[index], end)))).toEqual(whole);
    }),
  );
});

const directory = (name: string, slot: number, createdAt: number) => ({
  path: `/l/${createdAt}`,
  key: resourceKey('Container', 'shop', name),
  slot,
  instance: `i${createdAt}`,
  createdAt,
});
const directories = [
  directory('web', 1, 9),
  directory('web', 2, 8),
  directory('web', 1, 7),
  directory('web-1', 1, 6),
  directory('web', 1, 5),
];

test('a container is all its slots, an instance one of them, and previous the one before', () => {
  const ages = (name: string, previous = false) =>
    logsNamed(directories, { namespace: 'shop', name, previous }).map((found) => found.createdAt);
  expect(ages('web')).toEqual([9, 8]);
  expect(ages('web-2')).toEqual([8]);
  expect(ages('web-1')).toEqual([6]); // a container of that name comes first
  expect(ages('web-1-1')).toEqual([6]);
  expect(ages('web', true)).toEqual([7]);
  expect(ages('db')).toEqual([]);
  expect(logsNamed(directories, { namespace: 'other', name: 'web', previous: false })).toEqual([]);
});

test('of a slot the newest logs stay', () => {
  const web = resourceKey('Container', 'shop', 'web');
  expect(surplusLogs(directories, web, 1, 1).map((found) => found.createdAt)).toEqual([7, 5]);
  expect(surplusLogs(directories, web, 1, 0)).toHaveLength(3);
});
