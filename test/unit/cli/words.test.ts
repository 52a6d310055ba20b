import { describe, expect, test } from 'vitest';
import { parseDuration, parseSince, share } from '../../../src/cli/command.ts';
import { readGlobals } from '../../../src/cli/globals.ts';
import { describeSubject, parseContainer, parseInstance, parseObject } from '../../../src/cli/keys.ts';
import { escapeControls, formatBytes, shortDigest, table } from '../../../src/cli/output.ts';
import { labelsMatch, parseSelector } from '../../../src/model/labels.ts';
import { formatAge } from '../../../src/model/time.ts';

const globals = readGlobals({}, {});
const inShop = readGlobals({ namespace: 'shop' }, {});

test.each([
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['90', 90_000],
  ['1.5s', 1_500],
  ['2d', 172_800_000],
])('%s is %d ms', (text, ms) => expect(parseDuration(text, '--timeout')).toBe(ms));

test.each(['', 'm', '5 m', '5x', '-5s', '5m5', '1h 5m'])('%j is no duration', (text) => {
  expect(() => parseDuration(text, '--timeout')).toThrow(/--timeout ".*" is not a duration/);
});

test('since is a time, or a duration before now', () => {
  expect(parseSince('2026-03-01T12:00:00Z', 0, '--since')).toBe(Date.parse('2026-03-01T12:00:00Z'));
  expect(parseSince('10m', 1_000_000, '--since')).toBe(400_000);
});

test('a share is a percentage or a number up to 1', () => {
  expect(share({ maxDelete: '30%' }, 'maxDelete', '--max-delete')).toBe(0.3);
  expect(share({ maxDelete: '1' }, 'maxDelete', '--max-delete')).toBe(1);
  expect(share({}, 'maxDelete', '--max-delete')).toBeNull();
  for (const wrong of ['', '2', '101%', '-1', 'x'])
    expect(() => share({ maxDelete: wrong }, 'maxDelete', '--max-delete')).toThrow('is not a share');
});

test.each([
  [-5, '0s'],
  [557, '0s'],
  [1999, '1s'],
  [150_000, '2m'],
])('something %d ms old is shown as %s', (ms, text) => expect(formatAge(ms)).toBe(text));

describe('names', () => {
  test.each([
    ['container/web', 'Container/default/web'],
    ['Containers/web', 'Container/default/web'],
    ['container/shop/web', 'Container/shop/web'],
    ['volume/data', 'Volume/default/data'],
    ['image/base', 'Image/default/base'],
    ['image/registry.test/web:2', 'Image/_/registry.test/web:2'],
    ['image/_/docker.io/library/nginx:1', 'Image/_/docker.io/library/nginx:1'],
  ])('%s is %s', (word, key) => expect(parseObject(word, globals)).toBe(key));

  test.each(['web', 'container/', '/web', 'container/a/b/c', 'pod/web'])('%s is refused', (word) => {
    expect(() => parseObject(word, globals)).toThrow();
  });

  test('a namespace comes from -n unless it is written', () => {
    expect(parseObject('container/web', inShop)).toBe('Container/shop/web');
    expect(parseContainer('web', inShop)).toBe('Container/shop/web');
    expect(parseInstance('web-1', inShop)).toEqual({ namespace: 'shop', name: 'web-1' });
    expect(parseInstance('blog/web-1', inShop)).toEqual({ namespace: 'blog', name: 'web-1' });
    expect(parseInstance('container/web', globals)).toEqual({ namespace: 'default', name: 'web' });
  });

  test('a subject is named as people know it', () => {
    expect(describeSubject('Container/default/web:2')).toBe('Container web-2');
    expect(describeSubject('Container/shop/web:2@4f2c')).toBe('Container shop/web-2');
    expect(describeSubject('Image/_/registry.test/web:2')).toBe('Image registry.test/web:2');
  });
});

describe('what is printed', () => {
  test('no control character, bidi mark or invisible one survives', () => {
    expect(escapeControls('a\u001b[2J\r\n\u0007\u009b\u202e\u200b\ufeffé✔')).toBe('a\\x1b[2J\\x0d\\x0a\\x07\\x9b\\u202e\\u200b\\ufeffé✔');
  });

  test('a table pads columns, escapes cells and leaves no space at the end of a line', () => {
    expect(
      table(
        ['A', 'LONGER', 'LAST'],
        [
          ['x', 'y', ''],
          ['wide cell', 'z\u001b', 'end'],
        ],
      ),
    ).toBe('A          LONGER  LAST\nx          y\nwide cell  z\\x1b   end\n');
  });

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [38_240_000, '38.2 MB'],
    [999_960, '1.0 MB'],
    [150_000_000_000, '150 GB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test('a digest is cut where it still tells two apart', () => {
    expect(shortDigest(`sha256:${'0123456789ab'.repeat(5)}cdef`)).toBe('sha256:0123456789ab…');
    expect(shortDigest('-')).toBe('-');
  });
});

describe('label selectors', () => {
  test.each([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app=api', false],
    ['app!=api', true],
    ['app!=web', false],
    ['missing!=x', true],
    ['app', true],
    ['!app', false],
    ['missing', false],
    ['!missing,app=web', true],
    ['app=web,tier=', true],
    ['constructor', false],
  ])('%j selects: %s', (selector, selected) => expect(labelsMatch(parseSelector(selector), { app: 'web', tier: '' })).toBe(selected));

  test.each(['=x', 'a=b=c', '!a=b'])('%j is no selector', (selector) =>
    expect(() => parseSelector(selector)).toThrow('is not a label selector'),
  );
});
