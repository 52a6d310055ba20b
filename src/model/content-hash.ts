import { createHash } from 'node:crypto';
import type { ContentHash } from './resource.ts';

/** Hash of what a Config carries: file names and bytes, in the order of the names. Two Configs with equal files have equal hashes. Pure. */
export function contentHashOf(data: Readonly<Record<string, string>>, binaryData: Readonly<Record<string, string>> = {}): ContentHash {
  const hash = createHash('sha256');
  for (const name of Object.keys(data).sort()) hash.update(`${JSON.stringify([name, data[name]])}\n`);
  for (const name of Object.keys(binaryData).sort()) hash.update(`${JSON.stringify([name, { base64: binaryData[name] }])}\n`);
  return `sha256:${hash.digest('hex')}`;
}

/** Hash of what a Secret carries, from the keyed hashes of its values: it says no more than they do. Pure. */
export function secretHashOf(values: Readonly<Record<string, ContentHash>>): ContentHash {
  return contentHashOf(values);
}
