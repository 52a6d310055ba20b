import { type Path, quote, type Report } from './diagnostic.ts';
import { type Entry, readPlain, type ScalarNode, type TreeNode } from './tree.ts';

/** Names that were declared; null: declared, but without a value. */
export type Variables = ReadonlyMap<string, string | null>;

export const noVariables: Variables = new Map();

const placeholder = /\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?:(?<operator>:-|:\?)(?<word>[^}]*))?\}/g;

/**
 * Puts values of declared names into scalars: never into keys or structure. A plain scalar is read again as a plain scalar, so that `replicas: ${N}` becomes a number. Names
 * that were not declared stay as they are; one that looks meant is a warning. Text for which `isLiteral` holds (file content) is left alone.
 */
export function substitute(root: TreeNode, variables: Variables, isLiteral: (path: Path) => boolean, report: Report): TreeNode {
  const visited = new Map<TreeNode, TreeNode>();
  const visit = (node: TreeNode, path: Path): TreeNode => {
    if (isLiteral(path)) return node;
    const known = visited.get(node);
    if (known !== undefined) return known;
    const result = node.type === 'scalar' ? replaceScalar(node, path, variables, report) : visitChildren(node, path, visit);
    visited.set(node, result);
    return result;
  };
  return visit(root, []);
}

function visitChildren(node: Exclude<TreeNode, ScalarNode>, path: Path, visit: (node: TreeNode, path: Path) => TreeNode): TreeNode {
  if (node.type === 'sequence') {
    const items = node.items.map((item, index) => visit(item, [...path, index]));
    return items.some((item, index) => item !== node.items[index]) ? { ...node, items } : node;
  }
  let changed = false;
  const entries = new Map<string, Entry>();
  for (const [key, entry] of node.entries) {
    const child = visit(entry.node, [...path, key]);
    changed ||= child !== entry.node;
    entries.set(key, child === entry.node ? entry : { keyOffset: entry.keyOffset, node: child });
  }
  return changed ? { ...node, entries } : node;
}

function replaceScalar(node: ScalarNode, path: Path, variables: Variables, report: Report): ScalarNode {
  if (typeof node.value !== 'string' || !node.value.includes('${')) return node;
  const text = node.value.replace(placeholder, (whole, name: string, operator: string | undefined, word: string | undefined) => {
    if (!variables.has(name)) {
      if (/^[A-Z][A-Z0-9_]*$/.test(name)) {
        const hint = `--var ${name}=value; without it the text stays as it is`;
        report({
          severity: 'warning',
          code: 'VAR002',
          offset: node.offset,
          path,
          message: `${quote(whole)} is not a declared variable`,
          hint,
        });
      }
      return whole;
    }
    const value = variables.get(name) ?? '';
    if (value !== '') return value;
    if (operator === ':-') return word ?? '';
    if (operator === ':?' || variables.get(name) === null) {
      const message = operator === ':?' && word ? `variable ${name} has no value: ${word}` : `variable ${name} has no value`;
      report({ code: 'VAR001', offset: node.offset, path, message, hint: `--var ${name}=value` });
    }
    return value;
  });
  if (text === node.value) return node;
  return { ...node, value: node.plain ? readPlain(text) : text, source: text };
}
