import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFrame, encodeFrame } from '../../../src/store/frame.ts';

test('a frame opens to what was put in', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(decodeFrame(encodeFrame(value))).toEqual({ is: 'value', value: JSON.parse(JSON.stringify(value)) });
    }),
  );
});

test('any flipped bit and any cut are found', () => {
  const frame = encodeFrame({ name: 'web', ports: [8080, 8081] });
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const damaged = Buffer.from(frame);
    damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(decodeFrame(damaged).is, `bit ${bit}`).toBe('corrupt');
  }
  for (let length = 0; length < frame.length; length++) expect(decodeFrame(frame.subarray(0, length)).is).toBe('corrupt');
});
