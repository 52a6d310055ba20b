/**
 * What a document wants from beside its manifest: files, a variable, the output of a program. The loader names it, whoever loads reads it (`read-outside.ts`) and hands
 * the answers in, so that every other stage stays pure.
 */
export type Want =
  | { readonly kind: 'files'; readonly pattern: string } // absolute; `*` and `?` within a name
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'exec'; readonly argv: readonly string[]; readonly directory: string }
  /** Whether the directory lies in a Git work tree: one answer without files means no. */
  | { readonly kind: 'git'; readonly directory: string };

/** Files by path, or one unnamed piece; `problem`: one line without any content. */
export type Answer = { readonly pieces: readonly Piece[] } | { readonly problem: string };

export interface Piece {
  /** Of a file: its base name. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** By `wantKey`. */
export type Outside = ReadonlyMap<string, Answer>;

export const nothingOutside: Outside = new Map();

export function wantKey(want: Want): string {
  return JSON.stringify(want);
}

/** Most bytes one Config or Secret carries, and one answer has: what a program holds as settings, not as data. */
export const maxContentBytes = 1 << 20;
