import { expect, test } from 'vitest';
import { gcText } from '../../../src/cli/commands/gc.ts';
import type { GcReport } from '../../../src/model/engine-api.ts';

const now = Date.parse('2026-03-04T12:00:00Z');
const report: GcReport = {
  dryRun: true,
  images: [
    { ref: 'registry.test/app:1', digest: `sha256:${'1'.repeat(64)}`, sizeBytes: 54_000_000, unusedSince: '2026-03-01T12:00:00Z' },
    { ref: 'registry.test/app:2\u001b[1m', digest: `sha256:${'2'.repeat(64)}`, sizeBytes: 60_000_000, unusedSince: '2026-03-03T09:00:00Z' },
  ],
  blobs: 7,
  layers: 1,
  bytes: 150_000_000,
  held: null,
  path: '/var/lib/tsdock',
  usedBefore: 0.914,
  usedAfter: 0.747,
  high: 0.85,
  low: 0.75,
};

test('a dry run tells what would go, since when nothing uses it, and what the disk would be', () => {
  expect(gcText(report, now)).toBe(
    [
      'would remove registry.test/app:1  54.0 MB, unused for 3d',
      'would remove registry.test/app:2\\x1b[1m  60.0 MB, unused for 27h',
      'would free 150 MB (7 blobs, 1 unpacked layer); /var/lib/tsdock 91% to 75%',
      '',
    ].join('\n'),
  );
});

test('a disk that is still above low is told, and why', () => {
  expect(gcText({ ...report, dryRun: false, images: [], blobs: 0, layers: 0, bytes: 0, usedAfter: 0.914 }, now)).toBe(
    'freed 0 B (0 blobs, 0 unpacked layers); /var/lib/tsdock 91% to 91%\nnot at 75%: what is left is in use, or not old enough\n',
  );
});

test('a disk with space is left alone', () => {
  expect(gcText({ ...report, usedBefore: 0.75 }, now)).toBe('nothing to collect: /var/lib/tsdock is 75% full, a collection ends at 75%\n');
});
