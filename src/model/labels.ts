import { TsdockError } from './errors.ts';
import type { Labels } from './resource.ts';

/** One term of a selector: the label is (or is not) there, or has (or has not) the value. */
export interface SelectorTerm {
  readonly label: string;
  readonly value: string | null;
  readonly negated: boolean;
}

const termPattern = /^(?:(?<absent>!)?(?<bare>[^=!]+)|(?<label>[^=!]+?)(?<operator>==?|!=)(?<value>[^=]*))$/;

/** Reads `key=value,key!=value,key,!key`; the empty text selects everything. CLI010 on anything else. */
export function parseSelector(text: string): readonly SelectorTerm[] {
  const terms = text.split(',').map((term) => term.trim());
  return terms.filter((term) => term !== '').map(parseTerm);
}

function parseTerm(term: string): SelectorTerm {
  const groups = termPattern.exec(term)?.groups;
  if (groups === undefined) {
    throw new TsdockError('CLI010', { message: `"${term}" is not a label selector`, hint: 'app=web, app!=web, app, !app' });
  }
  if (groups.bare !== undefined) return { label: groups.bare, value: null, negated: groups.absent !== undefined };
  return { label: groups.label ?? '', value: groups.value ?? '', negated: groups.operator === '!=' };
}

/** Whether labels satisfy every term; `key!=value` holds for a missing label too, as in Kubernetes. */
export function labelsMatch(selector: readonly SelectorTerm[], labels: Labels): boolean {
  return selector.every(({ label, value, negated }) => {
    const found = Object.hasOwn(labels, label) ? labels[label] : undefined;
    return (value === null ? found !== undefined : found === value) !== negated;
  });
}
