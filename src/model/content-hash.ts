import { createHash } from 'node:crypto';
import type { ContentHash } from './resource.ts';

/** Hash of what a Config carries: file names and bytes, in the order of the names. Two Configs with equal files have equal hashes. Pure. */
export function contentHashOf(data: Readonly<Record<string, string>>): ContentHash {
  const hash = createHash('sha256');
  for (const name of Object.keys(data).sort()) hash.update(`${JSON.stringify([name, data[name]])}\n`);
  return `sha256:${hash.digest('hex')}`;
}
