/**
 * What a changed field does (`x-change` in schemas/): in place, content swapped then signal, in place but connections may break, restart of the process,
 * replacement by the strategy, data loss, immutable.
 */
export type Effect = 'in-place' | 'content' | 'connections' | 'restart' | 'replace' | 'data-loss' | 'immutable';

const letters: Readonly<Record<string, Effect>> = {
  I: 'in-place',
  S: 'content',
  N: 'connections',
  R: 'restart',
  C: 'replace',
  D: 'data-loss',
  X: 'immutable',
};

/** The effect class behind a letter of product.md 5; throws on a letter that is none, which a test of the schemas would show. */
export function effectOf(letter: string): Effect {
  const effect = letters[letter];
  if (effect === undefined) throw new RangeError(`no effect class ${letter}`);
  return effect;
}
