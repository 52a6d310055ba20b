import { fields, kindFacts } from '../model/generated/fields.ts';
import { validators } from '../model/generated/validators.ts';
import { type Kind, namespaceOf } from '../model/resource.ts';
import { didYouMean, type Path, quote, type Report } from './diagnostic.ts';
import { templateFinding } from './parse.ts';
import { reportMissing, reportSchemaError, subjectOf } from './schema-errors.ts';
import { keyOffsetOf, type MappingNode, nodeAt, type TreeNode, toValue, walk } from './tree.ts';
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
  if (!isWholeHost(root)) checkName(root, ['metadata', 'namespace'], report);
}

/** `get` shows what holds on the whole host with the namespace `_`, and what it shows can be applied. */
function isWholeHost(root: MappingNode): boolean {
  const [kind, namespace] = [nodeAt(root, ['kind']), nodeAt(root, ['metadata', 'namespace'])];
  return kind?.type === 'scalar' && namespace?.type === 'scalar' && namespace.value === '_' && namespaceOf(kind.value as Kind, '') === '_';
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
    (top === 'spec' && ['data', 'binaryData', 'stringData', 'encrypted', 'env', 'command', 'args'].includes(String(field))) ||
    (top === 'metadata' && field !== 'name') ||
    top === 'status'
  );
}

/** Words that were booleans in YAML 1.1 and still are to many readers. */
function checkOldBooleans(root: MappingNode, reported: ReadonlySet<number | null>, report: Report): void {
  for (const { node, path } of walk(root)) {
    if (node.type !== 'scalar' || !node.plain || !/^(?:yes|no|on|off)$/i.test(node.source) || reported.has(node.offset)) continue;
    if (path[1] === 'stringData') continue; // the message would say the value
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
