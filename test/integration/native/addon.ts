import { createRequire } from 'node:module';
import type { RawAddon } from '../../../src/native/raw.ts';

/** The addon of this build. */
export function loadAddon(): RawAddon {
  return createRequire(import.meta.url)('../../../build/tsdock.node') as RawAddon;
}
