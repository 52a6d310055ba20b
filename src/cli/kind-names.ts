import { didYouMean } from '../manifest/diagnostic.ts';
import type { TsdockError } from '../model/errors.ts';
import { kindFacts } from '../model/generated/fields.ts';
import { usage } from './command.ts';

/** CLI010 for a word that is no kind, those of later releases included. */
export function unknownKind(word: string): TsdockError {
  const kinds = kindFacts.map(({ kind }) => kind);
  return usage(`unknown kind "${word}"`, didYouMean(word, kinds) ?? `kinds are ${kinds.join(', ')}`);
}
