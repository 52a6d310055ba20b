import { type Field, fields } from '../model/generated/fields.ts';
import type { SchemaError } from '../model/generated/validators.ts';
import type { Kind } from '../model/resource.ts';
import { didYouMean, formatPath, type Path, quote, type Report } from './diagnostic.ts';
import { keyOffsetOf, type MappingNode, nodeAt, offsetOf, type ScalarNode, type TreeNode, toValue } from './tree.ts';
import { looksSecret } from './values.ts';

const examples: Readonly<Record<string, string>> = {
  'Container.image': 'docker.io/library/nginx:1.27',
  'Image.ref': 'docker.io/library/nginx:1.27',
  'Registry.host': 'registry.example.com',
};

/** One error of a validator as one finding at the offending node. `base` is where the checked part begins. */
export function reportSchemaError(root: MappingNode, kind: Kind | 'Metadata', base: Path, error: SchemaError, report: Report): void {
  const path = [...base, ...readPointer(root, base, error.instancePath)];
  const { params } = error;
  switch (error.keyword) {
    case 'additionalProperties':
      reportUnknown(root, kind, [...path, String(params.additionalProperty)], report);
      break;
    case 'false schema':
      reportLater(root, path, fieldAt(kind, path)?.since ?? 'a later release', report);
      break;
    case 'required':
      reportMissing(root, kind, [...path, String(params.missingProperty)], report);
      break;
    case 'enum':
      reportEnum(root, kind, path, params.allowedValues as readonly string[], report);
      break;
    case 'type':
      reportType(root, kind, path, [params.type].flat() as readonly string[], report);
      break;
    default:
      reportBound(root, path, `${error.keyword === 'minimum' ? 'at least' : 'at most'} ${params.limit}`, report);
  }
}

function reportBound(root: MappingNode, path: Path, bound: string, report: Report): void {
  const message = `${formatPath(path)} must be ${bound}, found ${quote(valueAt(root, path))}`;
  report({ code: 'SCH004', offset: offsetOf(root, path), path, message });
}

/** ajv's pointer as a path whose list positions are numbers. */
function readPointer(root: MappingNode, base: Path, pointer: string): Path {
  const path: (string | number)[] = [];
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(nodeAt(root, [...base, ...path])?.type === 'sequence' ? Number(name) : name);
  }
  return path;
}

function valueAt(root: MappingNode, path: Path): unknown {
  const node = nodeAt(root, path);
  return node === undefined ? null : toValue(node);
}

function reportUnknown(root: MappingNode, kind: Kind | 'Metadata', path: Path, report: Report): void {
  const name = String(path.at(-1));
  const meant = didYouMean(name, childNames(kind, path.slice(0, -1)));
  const message = `unknown field ${quote(name)} in ${formatPath(path.slice(0, -1))}`;
  report({ code: 'SCH001', offset: keyOffsetOf(root, path), path, message, hint: meant === null ? null : `did you mean "${meant}"?` });
}

function reportLater(root: MappingNode, path: Path, since: string, report: Report): void {
  const message = `${formatPath(path)} is known, but comes with ${since}`;
  report({ code: 'SCH016', offset: keyOffsetOf(root, path), path, message, hint: 'remove it until then' });
}

export function reportMissing(root: MappingNode, kind: string, path: Path, report: Report): void {
  const example = examples[`${kind}.${path.at(-1)}`];
  const hint = example === undefined ? null : `add e.g. "${path.at(-1)}: ${example}"`;
  const offset = path.length <= 2 ? root.offset : offsetOf(root, path.slice(0, -1));
  report({ code: 'SCH002', offset, path: path.slice(0, -1), message: `${subjectOf(root)} has no ${formatPath(path)}`, hint });
}

function reportEnum(root: MappingNode, kind: Kind | 'Metadata', path: Path, allowed: readonly string[], report: Report): void {
  const value = valueAt(root, path);
  if (typeof value !== 'string') return; // its type is reported
  const field = fieldAt(kind, path);
  const later = Object.entries(field?.laterValues ?? {}).find(
    ([known]) => known === value || (known.endsWith(':') && value.startsWith(known)),
  );
  if (later !== undefined) {
    const message = `${formatPath(path)} ${quote(value)} is known, but comes with ${later[1]}`;
    report({ code: 'SCH016', offset: offsetOf(root, path), path, message, hint: `use ${allowed.join(' or ')} until then` });
    return;
  }
  const meant = didYouMean(value, allowed);
  const message = `${path.at(-1)} ${quote(value)} is not one of ${allowed.join(', ')}`;
  report({ code: 'SCH031', offset: offsetOf(root, path), path, message, hint: meant });
}

const typeWords: Readonly<Record<string, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'a boolean',
};

function reportType(root: MappingNode, kind: Kind | 'Metadata', path: Path, types: readonly string[], report: Report): void {
  const node = nodeAt(root, path);
  const offset = offsetOf(root, path);
  const isVariable = path[0] === 'spec' && path[1] === 'env' && path.length > 2;
  const name = formatPath(path);
  const scalar = node?.type === 'scalar' ? node : null;
  const isSecretValue = kind === 'Secret' && ['stringData', 'data', 'encrypted'].includes(String(path[1]));
  const hidden = isSecretValue || (isVariable && looksSecret(variableName(root, path)));
  const found = hidden && scalar !== null && scalar.value !== null ? `${typeOf(scalar)} (value not shown)` : describe(node);
  const field = fieldAt(kind, path)?.type;
  const wanted =
    field === 'duration' || field === 'quantity'
      ? { duration: 'a duration such as 10s', quantity: 'a quantity such as 256Mi' }[field]
      : (isVariable ? ['string'] : types.filter((type) => type !== 'null')).map((type) => typeWords[type] ?? type).join(' or ');
  const text = scalar !== null && scalar.value !== null && types.includes('string') && !hidden;
  const meant = scalar !== null && types.includes('boolean') ? booleanMeant(scalar) : null;
  const empty = scalar?.value === null ? 'give it a value or remove it' : null;
  const hint = text ? `quote it: ${JSON.stringify(scalar.source)}` : (meant ?? empty);
  report({ code: isVariable ? 'SCH005' : 'SCH003', offset, path, message: `${name} must be ${wanted}, found ${found}`, hint, hidden });
}

/** In a map the last step of the path, in a list of {name, value} the name beside it. */
function variableName(root: MappingNode, path: Path): string {
  const beside = nodeAt(root, [...path.slice(0, 3), 'name']);
  if (typeof path[2] !== 'number') return String(path[2]);
  return beside?.type === 'scalar' ? String(beside.value) : '';
}

function booleanMeant(scalar: ScalarNode): string | null {
  if (typeof scalar.value !== 'string') return null;
  const meant = /^(?:yes|on|true|y)$/i.test(scalar.value) ? 'true' : /^(?:no|off|false|n)$/i.test(scalar.value) ? 'false' : null;
  return meant === null ? null : `write ${meant}`;
}

function describe(node: TreeNode | undefined): string {
  if (node === undefined || node.type !== 'scalar') return node?.type === 'sequence' ? 'a list' : 'a map';
  return node.value === null ? 'null' : `${typeOf(node)} ${quote(node.value)}`;
}

function typeOf(node: ScalarNode): string {
  if (typeof node.value === 'number') return Number.isInteger(node.value) ? 'integer' : 'number';
  return typeof node.value === 'object' ? 'null' : typeof node.value;
}

// ------------------------------------------------------------------------------------------------------------------ field table

const metadataNames = ['name', 'namespace', 'labels', 'annotations'];

function childNames(kind: Kind | 'Metadata', path: Path): readonly string[] {
  if (kind === 'Metadata') return path.length === 1 ? metadataNames : [];
  const pattern = patternOf(kind, path.slice(1));
  const prefix = pattern === '' ? '' : `${pattern}.`;
  const names = fields
    .filter((field) => field.kind === kind && field.path.startsWith(prefix))
    .map((field) => field.path.slice(prefix.length).split(/[.[]/)[0] ?? '');
  return [...new Set(names)].filter((name) => name !== '' && name !== '*');
}

function fieldAt(kind: Kind | 'Metadata', path: Path): Field | undefined {
  const pattern = patternOf(kind, path.slice(1));
  return fields.find((field) => field.kind === kind && field.path === pattern);
}

/** A path of a document as the table writes it: `ports[0].name` → `ports[].name`, `networks.front.ipv4` → `networks.*.ipv4`. */
function patternOf(kind: string, path: Path): string {
  const own = fields.filter((field) => field.kind === kind);
  return path.reduce<string>((pattern, step) => {
    if (typeof step === 'number') return `${pattern}[]`;
    const direct = pattern === '' ? step : `${pattern}.${step}`;
    const known = own.some((field) => field.path === direct || field.path.startsWith(`${direct}.`) || field.path.startsWith(`${direct}[`));
    return known ? direct : `${pattern}.*`;
  }, '');
}

/** `Container "web"`, as far as it is known. */
export function subjectOf(root: MappingNode): string {
  const kind = nodeAt(root, ['kind']);
  const name = nodeAt(root, ['metadata', 'name']);
  const kindText = kind?.type === 'scalar' ? String(kind.value) : 'object';
  return name?.type === 'scalar' && typeof name.value === 'string' ? `${kindText} ${quote(name.value)}` : kindText;
}
