import type { Path } from './diagnostic.ts';

/** A document as it is written, each node with its place: what YAML and JSON readers give and everything after them reads. */
export type TreeNode = ScalarNode | SequenceNode | MappingNode;

export interface ScalarNode {
  readonly type: 'scalar';
  readonly value: Scalar;
  /** As it is written, without quotes. */
  readonly source: string;
  /** Neither quoted nor a block: its type comes from its text. */
  readonly plain: boolean;
  readonly offset: number;
}

export interface SequenceNode {
  readonly type: 'sequence';
  readonly items: readonly TreeNode[];
  readonly offset: number;
}

export interface MappingNode {
  readonly type: 'mapping';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly offset: number;
}

export interface Entry {
  readonly keyOffset: number;
  readonly node: TreeNode;
}

export type Scalar = string | number | boolean | null;

/** Value below `path`; undefined when the document has none. */
export function nodeAt(root: TreeNode, path: Path): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const step of path) {
    if (node?.type === 'mapping') node = node.entries.get(String(step))?.node;
    else if (node?.type === 'sequence') node = node.items[Number(step)];
    else return undefined;
  }
  return node;
}

/** Where the value at `path` begins, or of the nearest thing around it that is there. */
export function offsetOf(root: TreeNode, path: Path): number {
  return nodeAt(root, path)?.offset ?? (path.length === 0 ? root.offset : offsetOf(root, path.slice(0, -1)));
}

/** Where the key at the end of `path` stands; for a list entry, the entry. */
export function keyOffsetOf(root: TreeNode, path: Path): number {
  const parent = nodeAt(root, path.slice(0, -1));
  const last = path.at(-1);
  const entry = parent?.type === 'mapping' && last !== undefined ? parent.entries.get(String(last)) : undefined;
  return entry?.keyOffset ?? offsetOf(root, path);
}

/** Plain data: maps have no prototype, so that `__proto__` or `constructor` is a key like any other. */
export function toValue(node: TreeNode): unknown {
  if (node.type === 'scalar') return node.value;
  if (node.type === 'sequence') return node.items.map(toValue);
  const value = createRecord<unknown>();
  for (const [key, entry] of node.entries) value[key] = toValue(entry.node);
  return value;
}

/** A record without prototype. */
export function createRecord<T>(entries: Iterable<readonly [string, T]> = []): Record<string, T> {
  const record: Record<string, T> = Object.create(null);
  for (const [key, value] of entries) record[key] = value;
  return record;
}

/** Every node with its path, parents first. */
export function* walk(node: TreeNode, path: Path = []): Generator<{ readonly node: TreeNode; readonly path: Path }> {
  yield { node, path };
  if (node.type === 'sequence') for (const [index, item] of node.items.entries()) yield* walk(item, [...path, index]);
  if (node.type === 'mapping') for (const [key, entry] of node.entries) yield* walk(entry.node, [...path, key]);
}

/** Type of a plain scalar by the core schema of YAML 1.2: no octal by a leading 0, no yes and no, no dates. */
export function readPlain(text: string): Scalar {
  if (/^(?:~|null|Null|NULL)?$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (/^[-+]?\d+$/.test(text) || /^0x[0-9a-fA-F]+$/.test(text) || /^0o[0-7]+$/.test(text)) return Number(text);
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text);
  if (/^\+?\.(?:inf|Inf|INF)$/.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-\.(?:inf|Inf|INF)$/.test(text)) return Number.NEGATIVE_INFINITY;
  return /^\.(?:nan|NaN|NAN)$/.test(text) ? Number.NaN : text;
}
