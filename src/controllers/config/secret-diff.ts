import type { ObservedSecret } from '../../model/observed.ts';
import { because, type FieldChange } from '../../model/plan.ts';
import type { Origin, Resource } from '../../model/resource.ts';
import { ownValue, redacted, redactedChange, redactedUnknown, secretContent } from '../../model/secret.ts';
import type { GenerateRule, SecretSpec, SecretValue } from '../../model/spec.ts';
import type { Diff } from '../controller.ts';
import { changeOf, identityOf, removalOf, resultOf, whyWrite } from './content-diff.ts';

/** Files of a Secret. Decided by keyed hashes; nothing here has ever seen a value. Pure. */
export const diffSecret: Diff<'Secret'> = (desired, observed, view) => {
  if (desired === null) return observed === null ? { verdicts: new Map(), change: null } : removalOf('Secret', observed, view);
  const content = secretContent(desired, (key) => view.desired(key));
  const fields = fieldsOf((view.record(desired.key)?.lastApplied ?? null) as SecretSpec | null, desired, observed);
  if (content.is === 'unknown') {
    const reason = because(content.code, content.message);
    return resultOf(desired.key, { is: 'blocked', reason, until: null }, changeOf(desired, observed, null, fields));
  }
  const reason = whyWrite(desired, observed, content.hash, view);
  const change = changeOf(desired, observed, reason, fields);
  if (reason === null) return resultOf(desired.key, { is: 'settled' }, change);
  const generated = Object.keys(desired.spec.generate);
  const input = {
    verb: 'write',
    values: content.values,
    generated,
    contentHash: content.hash,
    identity: identityOf(desired, view),
  } as const;
  const step = { verb: 'write', phase: 'up', input, reason, acquires: [], releases: [] } as const;
  return resultOf(desired.key, { is: 'changing', steps: [step] }, change);
};

function fieldsOf(before: SecretSpec | null, desired: Resource<'Secret'>, observed: ObservedSecret | null): readonly FieldChange[] {
  if (before === null && observed !== null) return [];
  const earlier = before ?? { values: {}, generate: {}, from: null };
  return [...valueChanges(earlier, desired), ...ruleChanges(earlier, desired), ...sourceChanges(earlier, desired)];
}

/** That a value is another one is all that is told. */
function valueChanges(before: SecretSpec, desired: Resource<'Secret'>): readonly FieldChange[] {
  const { values } = desired.spec;
  return [...new Set([...Object.keys(before.values), ...Object.keys(values)])].sort().flatMap((key) => {
    const from = ownValue(before.values, key);
    const to = ownValue(values, key);
    if (markOf(from) === markOf(to)) return [];
    const { path, source } = placeOf(desired, key);
    const change: FieldChange = {
      path,
      from: from === null ? null : redacted,
      to: to === null ? null : to.form === 'unread' ? redactedUnknown : redactedChange,
      effect: 'content',
      source,
      drift: false,
    };
    return [change];
  });
}

function markOf(value: SecretValue | null): string | null {
  if (value === null) return null;
  if (value.form === 'plain') throw new RangeError('a value was not sealed');
  if (value.form === 'unread') return '';
  return value.form === 'sealed' ? value.hash : value.armored;
}

/** The field people wrote the key in. */
function placeOf({ fields }: Resource<'Secret'>, key: string): { readonly path: string; readonly source: Origin | null } {
  for (const field of ['stringData', 'data', 'encrypted', 'generate']) {
    const source = fields[`${field}.${key}`];
    if (source !== undefined) return { path: `${field}.${key}`, source };
  }
  return { path: `data.${key}`, source: fields.from ?? null };
}

/** A changed rule makes no new value by itself; the diff says so by its effect. */
function ruleChanges(before: SecretSpec, desired: Resource<'Secret'>): readonly FieldChange[] {
  return Object.entries(desired.spec.generate).flatMap(([key, rule]) => {
    const earlier = ownValue(before.generate, key);
    if (earlier === null || ruleText(earlier) === ruleText(rule)) return [];
    const path = `generate.${key}`;
    return [{ path, from: ruleText(earlier), to: ruleText(rule), effect: 'in-place', source: desired.fields[path] ?? null, drift: false }];
  });
}

function ruleText({ length, charset }: GenerateRule): string {
  return `${length} ${charset}`;
}

function sourceChanges(before: SecretSpec, desired: Resource<'Secret'>): readonly FieldChange[] {
  const [from, to] = [sourceText(before), sourceText(desired.spec)];
  return from === to
    ? []
    : [{ path: 'from.secret', from, to, effect: 'content', source: desired.fields['from.secret'] ?? null, drift: false }];
}

function sourceText({ from }: SecretSpec): string | null {
  if (from === null) return null;
  const [, namespace, name] = from.secret.split('/');
  return `${namespace}/${name}${from.keys === null ? '' : ` ${from.keys.join(', ')}`}`;
}
