import { expect, test } from 'vitest';
import { noPaint } from '../../../src/cli/output.ts';
import { shareBetween, usageTable } from '../../../src/cli/usage-table.ts';
import { usage } from '../../support/fake-engine.ts';

const later = (cpuMicros: number) => ({ ...usage, at: '2026-03-01T12:00:00.500Z', cpuMicros });

test('the share of one CPU is what was used between two looks', () => {
  expect(shareBetween([usage], [later(2_250_000)])[0]?.cpuPercent).toBe(50);
  expect(shareBetween([usage], [later(3_000_000)])[0]?.cpuPercent).toBe(200);
  expect(shareBetween([usage], [later(2_000_600)])[0]?.cpuPercent).toBe(0.1);
});

test('what was not there before, and what began anew, has no share yet', () => {
  expect(shareBetween([], [later(1)])[0]?.cpuPercent).toBeNull();
  expect(shareBetween([usage], [later(1_000)])[0]?.cpuPercent).toBeNull();
  expect(shareBetween([usage], [usage])[0]?.cpuPercent).toBeNull();
});

test('the table says how near a limit is, and marks what is short of it', () => {
  const free = { ...usage, name: 'api-1', memoryBytes: 300 << 10, memoryLimitBytes: null, memoryPeakBytes: null, oomKills: 0 };
  const rows = [...shareBetween([usage], [later(2_006_000)]), { ...free, cpuPercent: null }];
  expect(usageTable(rows, { namespaces: true, head: true }, noPaint)).toBe(
    [
      'NAMESPACE  INSTANCE  CPU   MEMORY        LIMIT   PEAK    PIDS  OOM KILLS',
      'shop       web-1     1.2%  62 MiB (97%)  64 MiB  63 MiB  4     1',
      'shop       api-1     -     300 KiB       -       -       4     0',
      '',
    ].join('\n'),
  );
  const toned = usageTable(rows, { namespaces: false, head: false }, (tone, text) => (tone === 'bad' ? `!${text}!` : text));
  expect(toned.match(/![^!]+!/g)?.map((text) => text.trim())).toEqual(['!62 MiB (97%)!', '!1!']);
});
