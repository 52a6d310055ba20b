/** Failures that several files of this folder put in the same words. */
import { RegistryError, TsdockError } from '../../model/errors.ts';

/** Something that was to be an image is none: IMG022. `where` is the registry, directory or file. */
export function malformed(where: string, what: string, cause?: unknown): TsdockError {
  return new TsdockError('IMG022', { message: `${where}: ${what}`, cause });
}

/** A web page where data was due: REG020. */
export function htmlInstead(where: string, what: string): TsdockError {
  return new TsdockError('REG020', {
    message: `${where} answered text/html instead of ${what}`,
    hint: 'a login page or proxy is in between',
  });
}

/** Bytes that do not have their digest: REG010. */
export function digestMismatch(what: string, host: string, expected: string, found: string, bytes: number): RegistryError {
  return new RegistryError('REG010', {
    message: `${what} from ${host} does not match: expected ${shortDigest(expected)}, got ${shortDigest(found)} (${bytes} bytes); nothing was installed`,
    hint: 'a proxy or mirror may be altering data',
  });
}

function shortDigest(digest: string): string {
  return `${digest.slice(0, 'sha256:'.length + 12)}..`;
}

/** A value from outside, quoted, escaped and cut at 60 characters. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 62 ? text : `${text.slice(0, 60)}…`;
}
