import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Native } from '../../src/native/index.ts';
import { type Ground, makeGround, missingGround, outputOf } from './native-support.ts';

describe.skipIf(missingGround() !== null)('native runtime', () => {
  let ground: Ground;
  let native: Native;
  beforeAll(async () => {
    ground = makeGround();
    native = await ground.open();
  });
  afterAll(() => ground.clear());

  test('a program must run and what it wrote must be in the log', async () => {
    expect(await outputOf(native, ground.spec('echo hello; echo again >&2'))).toContain('hello');
  });
});
