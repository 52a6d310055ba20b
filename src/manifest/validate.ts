import { type Field, fields, kindFacts } from '../model/generated/fields.ts';
import { type SchemaError, validators } from '../model/generated/validators.ts';
import type { Kind } from '../model/resource.ts';
import { didYouMean, formatPath, type Path, quote, type Report } from './diagnostic.ts';
import { templateFinding } from './parse.ts';
import { keyOffsetOf, type MappingNode, nodeAt, offsetOf, type ScalarNode, type TreeNode, toValue, walk } from './tree.ts';
import { isLabel } from './values.ts';

/** A document that the schema accepts. */
export interface CheckedDocument {
  readonly kind: CheckedKind;
  readonly name: string;
  readonly namespace: string;
  readonly root: MappingNode;
  /** Plain data of `metadata` and `spec`; maps without prototype. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Kinds of this release. */
export type CheckedKind = Exclude<keyof typeof validators, 'Metadata'>;

const apiVersion = 'tsdock/v1';
const maxNameLength = 63;
const envelopeFields = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
const examples: Readonly<Record<string, string>> = {
  'Container.image': 'docker.io/library/nginx:1.27',
  'Image.ref': 'docker.io/library/nginx:1.27',
};

/** Checks a document against envelope and schema of its kind. Null when anything is wrong; each mistake is one finding at the offending node. */
export function checkDocument(root: TreeNode, namespace: string, allowed: 'objects' | 'engine', report: Report): CheckedDocument | null {
  if (root.type !== 'mapping') {
    const found = root.type === 'sequence' ? 'a list' : quote(root.value);
    report({ code: 'SCH003', offset: root.offset, path: [], message: `a document must be a map, found ${found}` });
    return null;
  }
  const found: Parameters<Report>[0][] = [];
  const collect: Report = (finding) => found.push(finding);
  const kind = checkKind(root, allowed, collect);
  if (kind !== null) {
    checkApiVersion(root, collect);
    checkEnvelope(root, collect);
    checkMetadata(root, collect);
    if (kind.present) checkSpec(root, kind.name, collect);
    checkText(root, collect);
    checkOldBooleans(root, new Set(found.map(({ offset }) => offset)), collect);
  }
  for (const finding of found) report(finding);
  if (kind?.present !== true || found.some((finding) => finding.severity === undefined)) return null;
  const metadata = childValue(root, 'metadata');
  return {
    kind: kind.name as CheckedKind,
    name: String(metadata.name),
    namespace: metadata.namespace === undefined ? namespace : String(metadata.namespace),
    root,
    metadata,
    spec: childValue(root, 'spec'),
  };
}

function childValue(root: MappingNode, name: string): Readonly<Record<string, unknown>> {
  const node = root.entries.get(name)?.node;
  return node === undefined ? Object.create(null) : (toValue(node) as Readonly<Record<string, unknown>>);
}

// -------------------------------------------------------------------------------------------------------------------- envelope

function checkKind(
  root: MappingNode,
  allowed: 'objects' | 'engine',
  report: Report,
): { readonly name: Kind; readonly present: boolean } | null {
  const services = root.entries.get('services');
  const entry = root.entries.get('kind');
  if (services !== undefined) {
    const message =
      entry === undefined ? 'Compose files are known, but come with M3' : '"services" belongs to a Compose file, "kind" to a manifest';
    const hint = entry === undefined ? 'write each service as a Container until then' : 'keep one spelling per file';
    report({ code: entry === undefined ? 'SCH016' : 'SCH015', offset: services.keyOffset, path: ['services'], message, hint });
    return null;
  }
  if (entry === undefined) {
    report({ code: 'SCH002', offset: root.offset, path: [], message: 'object has no kind', hint: 'add e.g. "kind: Container"' });
    return null;
  }
  const name = entry.node.type === 'scalar' ? String(entry.node.value) : '';
  const at = { offset: entry.node.offset, path: ['kind'] };
  const facts = kindFacts.find(({ kind }) => kind === name);
  const known = kindFacts.map(({ kind }) => kind);
  if (facts === undefined) {
    const meant = didYouMean(name, known);
    const hint =
      meant === null
        ? `kinds are ${known.join(', ')}; Kubernetes kinds are not accepted (a Deployment is a Container with replicas), Compose files are`
        : `did you mean "${meant}"?`;
    report({ ...at, code: 'SCH010', message: `unknown kind ${quote(toValue(entry.node))}`, hint });
    return null;
  }
  if (allowed === 'objects' && name === 'EngineConfig') {
    report({ ...at, code: 'SCH014', message: 'EngineConfig is read from /etc/tsdock/config.yaml only', hint: 'move it there' });
    return { name, present: false };
  }
  if (allowed === 'engine' && name !== 'EngineConfig') {
    report({
      ...at,
      code: 'SCH014',
      message: `only EngineConfig is read here, found ${name}`,
      hint: 'apply it, or put it into a watched directory',
    });
    return { name: facts.kind as Kind, present: false };
  }
  if (!Object.hasOwn(validators, name)) {
    report({ ...at, code: 'SCH016', message: `kind ${name} is known, but comes with ${facts.since}`, hint: 'remove it until then' });
    return { name: facts.kind as Kind, present: false };
  }
  return { name: facts.kind as Kind, present: true };
}

function checkApiVersion(root: MappingNode, report: Report): void {
  const node = root.entries.get('apiVersion')?.node;
  if (node === undefined) {
    report({ code: 'SCH002', offset: root.offset, path: [], message: 'object has no apiVersion', hint: `add "apiVersion: ${apiVersion}"` });
    return;
  }
  const value = toValue(node);
  if (value === apiVersion) return;
  const newer = typeof value === 'string' && /^tsdock\/v\d+/.test(value);
  const message = `apiVersion ${quote(value)} is ${newer ? `newer than this daemon (${apiVersion})` : 'not one of tsdock'}`;
  const hint = newer ? `upgrade tsdock, or use ${apiVersion}` : `use ${apiVersion}`;
  report({ code: 'SCH011', offset: node.offset, path: ['apiVersion'], message, hint });
}

function checkEnvelope(root: MappingNode, report: Report): void {
  for (const [name, entry] of root.entries) {
    if (envelopeFields.includes(name)) continue;
    const meant = didYouMean(name, envelopeFields);
    const hint = meant === null ? 'fields of the object belong under spec' : `did you mean "${meant}"?`;
    report({ code: 'SCH001', offset: entry.keyOffset, path: [name], message: `unknown field ${quote(name)} in the document`, hint });
  }
}

function checkMetadata(root: MappingNode, report: Report): void {
  const node = root.entries.get('metadata')?.node;
  const kind = subjectOf(root);
  if (node === undefined) {
    report({ code: 'SCH002', offset: root.offset, path: [], message: `${kind} has no metadata.name`, hint: 'add "metadata: {name: …}"' });
    return;
  }
  const validate = validators.Metadata;
  if (!validate(toValue(node))) {
    for (const error of validate.errors ?? []) reportSchemaError(root, 'Metadata', ['metadata'], error, report);
  }
  checkName(root, ['metadata', 'name'], report);
  checkName(root, ['metadata', 'namespace'], report);
}

function checkName(root: MappingNode, path: Path, report: Report): void {
  const node = nodeAt(root, path);
  if (node?.type !== 'scalar' || typeof node.value !== 'string' || isLabel(node.value)) return;
  const at = { offset: node.offset, path };
  const [what, name] = [path.at(-1), node.value];
  if (name.length > maxNameLength) {
    report({ ...at, code: 'SCH013', message: `${what} has ${name.length} characters, the limit is ${maxNameLength}` });
    return;
  }
  if (/\{\{.*\}\}/.test(name)) return; // checkText has the better word
  const meant = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '');
  const rule = /^\d[a-z0-9-]*[a-z0-9]?$/.test(name)
    ? 'must start with a letter'
    : 'may only have a-z, 0-9 and "-", and starts and ends with a letter or digit';
  report({ ...at, code: 'SCH012', message: `${what} ${quote(name)} ${rule}`, hint: meant === '' ? null : meant });
}

/** `Container "web"`, as far as it is known. */
function subjectOf(root: MappingNode): string {
  const kind = nodeAt(root, ['kind']);
  const name = nodeAt(root, ['metadata', 'name']);
  const kindText = kind?.type === 'scalar' ? String(kind.value) : 'object';
  return name?.type === 'scalar' && typeof name.value === 'string' ? `${kindText} ${quote(name.value)}` : kindText;
}

/** Characters that no field can carry, and `{{ … }}` where no program reads its own templates. */
function checkText(root: MappingNode, report: Report): void {
  for (const { node, path } of walk(root)) {
    const key = path.at(-1);
    if (typeof key === 'string' && key.includes('\0')) report({ ...nulFinding, offset: keyOffsetOf(root, path), path });
    if (node.type !== 'scalar' || typeof node.value !== 'string') continue;
    if (node.value.includes('\0')) report({ ...nulFinding, offset: node.offset, path });
    const match = isFreeText(path) ? null : /\{\{.*?\}\}/.exec(node.value);
    if (match !== null) report({ ...templateFinding(node.offset, match[0]), path });
  }
}

/** Written as an escape: paths, arguments and variables end at it in the kernel. */
const nulFinding = { code: 'YAML016', message: 'character U+0000 is not allowed in a manifest' } as const;

function isFreeText([top, field]: Path): boolean {
  return (
    (top === 'spec' && ['data', 'env', 'command', 'args'].includes(String(field))) ||
    (top === 'metadata' && field !== 'name') ||
    top === 'status'
  );
}

/** Words that were booleans in YAML 1.1 and still are to many readers. */
function checkOldBooleans(root: MappingNode, reported: ReadonlySet<number | null>, report: Report): void {
  for (const { node, path } of walk(root)) {
    if (node.type !== 'scalar' || !node.plain || !/^(?:yes|no|on|off)$/i.test(node.source) || reported.has(node.offset)) continue;
    const elsewhere = /^(?:yes|on)$/i.test(node.source) ? 'true' : 'false';
    const message = `unquoted ${node.source} is the string "${node.source}" here (YAML 1.2), ${elsewhere} elsewhere`;
    report({ severity: 'warning', code: 'SCH006', offset: node.offset, path, message, hint: 'quote it' });
  }
}

// ------------------------------------------------------------------------------------------------------------------------ spec

function checkSpec(root: MappingNode, kind: Kind, report: Report): void {
  const node = root.entries.get('spec')?.node;
  const required = fields.filter((field) => field.kind === kind && field.required && !/[.[*]/.test(field.path));
  if (node === undefined || (node.type === 'scalar' && node.value === null)) {
    for (const field of required) reportMissing(root, kind, ['spec', field.path], report);
    if (node !== undefined && required.length === 0)
      report({
        code: 'SCH003',
        offset: node.offset,
        path: ['spec'],
        message: 'spec must be a map, found null',
        hint: 'write {} or remove it',
      });
    return;
  }
  const validate = validators[kind as CheckedKind];
  if (validate(toValue(node))) return;
  for (const error of validate.errors ?? []) reportSchemaError(root, kind, ['spec'], error, report);
}

function reportSchemaError(root: MappingNode, kind: Kind | 'Metadata', base: Path, error: SchemaError, report: Report): void {
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

function reportMissing(root: MappingNode, kind: string, path: Path, report: Report): void {
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
  const hidden = isVariable && looksSecret(variableName(root, path));
  const found = hidden && scalar !== null ? `${typeOf(scalar)} (value not shown)` : describe(node);
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

/** Names of variables that hold what must not be printed. */
export function looksSecret(name: string): boolean {
  return /passw(?:or)?d|secret|token|api_?key|private_?key|credential/i.test(name) && !/_(?:FILE|PATH|URL|HOST|USER|NAME)$/i.test(name);
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
