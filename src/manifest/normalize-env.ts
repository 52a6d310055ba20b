import { isVariableName } from '../model/environment.ts';
import type { ContainerFields } from '../model/generated/manifests.ts';
import type { ResourceKey } from '../model/resource.ts';
import type { ContainerSpec, ContentRef, EnvSource, EnvValue, FieldRef } from '../model/spec.ts';
import { addRef, originAt, readRef, reportAt, type SpecContext } from './context.ts';
import { compareText, didYouMean, type Path, quote } from './diagnostic.ts';
import { createRecord } from './tree.ts';
import { looksSecret } from './values.ts';

type EnvFields = NonNullable<ContainerFields['env']>;
type EnvFromFields = NonNullable<ContainerFields['envFrom']>;
type EntryFields = Extract<EnvFields, readonly unknown[]>[number];
type ValueFields = Exclude<Exclude<EnvFields, readonly unknown[]>[string], string>;

/** Fields of an instance that a variable may hold, with the name Kubernetes has for one of them. */
const fieldNames = ['metadata.name', 'metadata.namespace', 'metadata.uid', 'status.address'] as const;
const kubernetesAddress = 'status.podIP';

/** A variable as both forms of the manifest have it. */
interface Entry {
  readonly name: string;
  readonly path: Path;
  readonly value: string | ValueFields;
  /** Where its text stands, or the map that says where it comes from. */
  readonly at: Path;
}

/** Variables by name; references are added for those that must be there. */
export function normalizeEnv(context: SpecContext, env: EnvFields, networkMode: ContainerSpec['networkMode']): ContainerSpec['env'] {
  const variables = createRecord<EnvValue>();
  for (const entry of entriesOf(context, env)) {
    const { name, path, value, at } = entry;
    if (Array.isArray(env)) context.fields[`env.${name}`] = originAt(context, at);
    if (!isVariableName(name))
      reportAt(context, path, { code: 'SCH008', message: `${quote(name)} is not a name of a variable`, hint: 'no "=", not empty' });
    if (Object.hasOwn(variables, name))
      reportAt(context, path, { code: 'SCH021', message: `variable ${quote(name)} is set twice`, hint: 'keep one' });
    if (typeof value === 'string' && looksSecret(name) && value !== '') {
      const message = `${name} looks like a secret in plain text`;
      const hint = '{secret: NAME, key: KEY} (value not shown)';
      reportAt(context, at, { severity: 'warning', code: 'SEC001', message, hint, hidden: true });
    }
    const read = typeof value === 'string' ? value : readValue(context, value, entry, networkMode);
    if (read !== null) variables[name] = read;
  }
  return createRecord(Object.entries(variables).sort(([left], [right]) => compareText(left, right)));
}

/** Sources in the order of the manifest. */
export function normalizeEnvFrom(context: SpecContext, fields: EnvFromFields): readonly EnvSource[] {
  return fields.flatMap((field, index) => {
    const path: Path = ['envFrom', index];
    const source = readSource(context, field, path);
    const prefix = field.prefix ?? '';
    if (prefix !== '' && !isVariableName(prefix))
      reportAt(context, [...path, 'prefix'], {
        code: 'SCH008',
        message: `${quote(prefix)} cannot begin a name of a variable`,
        hint: 'no "="',
      });
    if (source === null) return [];
    const optional = field.optional ?? false;
    if (!optional) addRef(context, source, 'Present', path);
    return [{ source, prefix, optional }];
  });
}

function entriesOf(context: SpecContext, env: EnvFields): readonly Entry[] {
  if (!Array.isArray(env)) {
    return Object.entries(env).map(([name, value]) => ({ name, value, path: ['env', name], at: ['env', name] }));
  }
  return env.map((entry, index) => {
    const path: Path = ['env', index];
    if (entry.valueFrom === undefined) return { name: entry.name, value: entry.value ?? '', path, at: [...path, 'value'] };
    if (entry.value !== undefined)
      reportAt(context, path, { code: 'SCH034', message: `${entry.name} has both value and valueFrom`, hint: 'keep one' });
    return { name: entry.name, value: fromKubernetes(entry.valueFrom), path, at: [...path, 'valueFrom'] };
  });
}

function fromKubernetes({ secretKeyRef, configMapKeyRef, fieldRef }: NonNullable<EntryFields['valueFrom']>): ValueFields {
  const ref = secretKeyRef ?? configMapKeyRef;
  return {
    ...(secretKeyRef === undefined ? {} : { secret: secretKeyRef.name }),
    ...(configMapKeyRef === undefined ? {} : { config: configMapKeyRef.name }),
    ...(ref === undefined ? {} : { key: ref.key, optional: ref.optional ?? false }),
    ...(fieldRef === undefined ? {} : { field: fieldRef.fieldPath === kubernetesAddress ? 'status.address' : fieldRef.fieldPath }),
  };
}

function readValue(
  context: SpecContext,
  value: ValueFields,
  { name, at }: Entry,
  networkMode: ContainerSpec['networkMode'],
): ContentRef | FieldRef | null {
  if (value.field === undefined) return readContentRef(context, value, name, at);
  if (value.secret !== undefined || value.config !== undefined || value.key !== undefined || value.optional !== undefined) {
    reportAt(context, at, { code: 'SCH034', message: `${name} takes field and something else`, hint: 'keep one' });
    return null;
  }
  return readField(context, value.field, at, networkMode);
}

function readContentRef(context: SpecContext, value: ValueFields, name: string, at: Path): ContentRef | null {
  const source = readSource(context, value, at);
  if (source === null) return null;
  if (value.key === undefined || value.key === '') {
    reportAt(context, at, { code: 'SCH034', message: `${name} does not say which key of ${source} it takes`, hint: 'add key' });
    return null;
  }
  const optional = value.optional ?? false;
  if (!optional) addRef(context, source, 'Present', at);
  return { source, key: value.key, optional };
}

function readSource(
  context: SpecContext,
  { secret, config }: { readonly secret?: string; readonly config?: string },
  path: Path,
): ResourceKey<'Config'> | ResourceKey<'Secret'> | null {
  if (secret !== undefined && config === undefined) return readRef(context, 'Secret', secret, path);
  if (config !== undefined && secret === undefined) return readRef(context, 'Config', config, path);
  const found = secret === undefined ? 'found none' : 'found both';
  reportAt(context, path, { code: 'SCH034', message: `a value comes from one of secret and config, ${found}` });
  return null;
}

function readField(context: SpecContext, field: string, at: Path, networkMode: ContainerSpec['networkMode']): FieldRef | null {
  const known = fieldNames.find((name) => name === field);
  if (known === undefined) {
    const hint = didYouMean(field, fieldNames);
    const message = `${quote(field)} is not a field of an instance`;
    reportAt(context, at, { code: 'SCH034', message, hint: hint === null ? fieldNames.join(', ') : `did you mean "${hint}"?` });
    return null;
  }
  if (known === 'status.address' && networkMode !== 'bridge') {
    const message = `status.address needs networkMode bridge, this is ${networkMode}`;
    reportAt(context, at, { code: 'NET008', message, hint: 'remove one of the two' });
    return null;
  }
  return { field: known };
}
