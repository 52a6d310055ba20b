import { randomBytes, randomInt } from 'node:crypto';
import type { GenerateRule } from '../../model/spec.ts';

const characters: { readonly [C in Exclude<GenerateRule['charset'], 'base64'>]: string } = {
  alnum: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  hex: '0123456789abcdef',
  // Printable, without the space and what shells, connection strings and quotes in configuration files trip over.
  ascii: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#%()*+,-.:;<=>?[]^_{|}~',
};

/** A new random value: `length` characters, each as likely as the other, or `length` random bytes in base64. */
export function generateValue({ length, charset }: GenerateRule): Buffer {
  if (charset === 'base64') return Buffer.from(randomBytes(length).toString('base64'));
  const alphabet = characters[charset];
  return Buffer.from(Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join(''));
}
