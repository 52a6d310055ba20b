import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { RawAddon } from '../../../src/native/raw.ts';

/** The addon of this build. */
export function loadAddon(): RawAddon {
  return createRequire(import.meta.url)('../../../build/tsdock.node') as RawAddon;
}

/** The helper of this build. */
export const helperPath = fileURLToPath(new URL('../../../build/tsdock-rt', import.meta.url));
