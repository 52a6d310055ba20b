/**
 * `schemas/` → `src/model/generated/`: types of manifests, validators as code (nothing is compiled when the program starts), the table of fields and the schemas
 * themselves. Files that would not change are left alone, so that a build without changes stays fast. `--check` writes nothing and fails when something would change.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { compile } from 'json-schema-to-typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'src/model/generated');
/** Fields of later milestones are known, described and refused. */
const presentMilestone = 'M1';
const kinds = ['Container', 'Image', 'Network', 'Volume', 'Config', 'Secret', 'Job', 'CronJob', 'Registry', 'EngineConfig'];
const banner = '// Made by scripts/generate.mjs from schemas/; do not edit.\n';

/** @returns {Promise<Record<string, string>>} file name → text */
export async function generate() {
  const schemas = Object.fromEntries(['envelope', ...kinds].map((name) => [name, readSchema(name)]));
  return {
    'manifests.ts': await manifestTypes(schemas),
    'validators.ts': validators(schemas),
    'fields.ts': fieldTable(schemas),
    'schemas.ts': `${banner}\n/** The JSON schema of each kind, as \`tsdock schema\` prints it. */\nexport const schemas: Readonly<Record<string, unknown>> = ${JSON.stringify(selfContained(schemas), null, 1)};\n`,
  };
}

function readSchema(name) {
  return JSON.parse(readFileSync(join(root, 'schemas', `${name}.json`), 'utf8'));
}

/** One schema a kind that refers to nothing outside itself, as editors want it. */
function selfContained({ envelope, ...schemas }) {
  const inline = (schema) => ({
    ...schema,
    properties: { ...schema.properties, metadata: { $ref: '#/$defs/metadata' } },
    $defs: { ...schema.$defs, metadata: envelope.$defs.metadata },
  });
  return Object.fromEntries(Object.entries(schemas).map(([kind, schema]) => [kind, inline(schema)]));
}

// ------------------------------------------------------------------------------------------------------------------------ types

async function manifestTypes(schemas) {
  const options = { bannerComment: '', format: false, additionalProperties: false, strictIndexSignatures: false };
  const parts = [await compile({ ...schemas.envelope.$defs.metadata, title: 'MetadataFields' }, 'MetadataFields', options)];
  for (const kind of kinds) parts.push(await compile({ ...schemas[kind].$defs.spec, title: `${kind}Fields` }, `${kind}Fields`, options));
  return `${banner}// Specs as authors write them: short and long forms. Canonical ones are in ../spec.ts.\n\n${parts.join('\n')}`;
}

// ------------------------------------------------------------------------------------------------------------------- validators

function validators(schemas) {
  const checked = kinds.filter((kind) => isPresent(schemas[kind]));
  const ajv = new Ajv({
    strict: true,
    allErrors: true,
    useDefaults: false,
    allowUnionTypes: true,
    code: { source: true, esm: true, lines: true },
  });
  ajv.addSchema(checkedPart(schemas.envelope.$defs.metadata), 'validateMetadata');
  for (const kind of checked) ajv.addSchema(checkedPart(schemas[kind].$defs.spec), `validate${kind}`);
  const names = ['Metadata', ...checked];
  const code = standalone.default(ajv, Object.fromEntries(names.map((name) => [`validate${name}`, `validate${name}`])));
  if (/\brequire\(|^import /m.test(code))
    throw new Error('a validator needs a module at run time: leave out maxLength, uniqueItems and const of objects');
  return `// @ts-nocheck: code of ajv\n${banner}${code.replace('"use strict";', '')}

export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Validator {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/** One validator a kind of this release, and \`Metadata\`. Errors stand in \`errors\` until the next call. */
export const validators: Readonly<Record<${names.map((name) => `'${name}'`).join(' | ')}, Validator>> = { ${names.map((name) => `${name}: validate${name}`).join(', ')} };
`;
}

/** What ajv shall check of a schema: no words, and fields of later milestones as \`false\`, which gives exactly one error each. */
function checkedPart(schema) {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (!isPresent(schema)) return false;
  const part = {};
  for (const keyword of ['type', 'enum', 'required', 'minimum', 'maximum']) if (keyword in schema) part[keyword] = schema[keyword];
  if ('properties' in schema) {
    part.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, property]) => [name, checkedPart(property)]));
  }
  for (const keyword of ['additionalProperties', 'items']) if (keyword in schema) part[keyword] = checkedPart(schema[keyword]);
  return part;
}

function isPresent(schema) {
  return !('x-since' in schema) || schema['x-since'] <= presentMilestone;
}

// ------------------------------------------------------------------------------------------------------------------------ table

function fieldTable(schemas) {
  const rows = kinds.flatMap((kind) => {
    const since = schemas[kind]['x-since'] ?? 'M1';
    const spec = schemas[kind].$defs.spec;
    return rowsOf(spec, '', { since, change: 'I' }, new Set(spec.required ?? [])).map((row) => ({ kind, ...row }));
  });
  const kindRows = kinds.map((kind) => ({ kind, description: schemas[kind].description, since: schemas[kind]['x-since'] ?? 'M1' }));
  return `${banner}
/** A field as \`tsdock explain\` shows it. \`[]\` stands for an entry of a list, \`*\` for a name chosen by the author. */
export interface Field {
  readonly kind: string;
  /** Below \`spec\`: \`resources.limits.memory\`, \`ports[].hostPort\`, \`networks.*.ipv4\`. */
  readonly path: string;
  readonly type: string;
  readonly description: string;
  /** As it is written; null: none. */
  readonly default: string | null;
  readonly required: boolean;
  /** Effect class, a letter of \`effects.ts\`. */
  readonly change: string;
  readonly since: string;
  /** Where \`spec.ts\` has it; null: not in this release. */
  readonly canonical: string | null;
  /** Values that are known, but come later; one that ends in ":" is a prefix. */
  readonly laterValues: Readonly<Record<string, string>>;
}

export interface KindFacts {
  readonly kind: string;
  readonly description: string;
  readonly since: string;
}

export const kindFacts: readonly KindFacts[] = [
${kindRows.map((row) => `  ${JSON.stringify(row)},`).join('\n')}
];

export const fields: readonly Field[] = [
${rows.map((row) => `  ${JSON.stringify(row)},`).join('\n')}
];
`;
}

/** One row a described field; list entries and map values without a description of their own only lend their fields. */
function rowsOf(schema, path, inherited, required) {
  const rows = [];
  const since = [inherited.since, schema['x-since'] ?? 'M1'].sort().at(-1);
  const change = schema['x-change'] ?? inherited.change;
  if (path !== '' && schema.description !== undefined) {
    rows.push({
      path,
      type: typeText(schema),
      description: schema.description,
      default: defaultText(schema),
      required: required.has(path.slice(path.lastIndexOf('.') + 1)),
      change,
      since,
      canonical: since > presentMilestone ? null : (schema['x-canonical'] ?? path),
      laterValues: schema['x-since-values'] ?? {},
    });
  }
  const own = { since, change };
  const join = (name) => (path === '' ? name : `${path}.${name}`);
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    rows.push(...rowsOf(property, join(name), own, new Set(schema.required ?? [])));
  if (isObject(schema.additionalProperties)) rows.push(...rowsOf(schema.additionalProperties, `${path}.*`, own, new Set()));
  if (isObject(schema.items)) rows.push(...rowsOf(schema.items, `${path}[]`, own, new Set(schema.items.required ?? [])));
  return rows;
}

const typeNames = { object: 'map', array: 'list' };

function typeText(schema) {
  if (schema['x-type'] !== undefined) return schema['x-type'];
  if (schema.enum !== undefined) return schema.enum.join(' | ');
  return [schema.type]
    .flat()
    .filter((type) => type !== 'null')
    .map((type) => {
      if (type === 'array' && schema.items?.type !== undefined)
        return `list of ${[schema.items.type]
          .flat()
          .map((item) => typeNames[item] ?? item)
          .join(' or ')}`;
      if (type === 'object' && isObject(schema.additionalProperties))
        return `map of ${[schema.additionalProperties.type]
          .flat()
          .filter((item) => item !== 'null')
          .map((item) => typeNames[item] ?? item)
          .join(' or ')}`;
      return typeNames[type] ?? type;
    })
    .join(' or ');
}

function defaultText(schema) {
  if (schema['x-default'] !== undefined) return schema['x-default'];
  if (!('default' in schema)) return null;
  return typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default);
}

function isObject(value) {
  return typeof value === 'object' && value !== null;
}

// ------------------------------------------------------------------------------------------------------------------------ files

function readOrNull(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = await generate();
  mkdirSync(target, { recursive: true });
  const changed = Object.entries(files).filter(([name, text]) => readOrNull(join(target, name)) !== text);
  if (process.argv.includes('--check')) {
    for (const [name] of changed) console.error(`src/model/generated/${name} is not what schemas/ says: npm run build`);
    process.exitCode = changed.length === 0 ? 0 : 1;
  } else {
    for (const [name, text] of changed) writeFileSync(join(target, name), text);
  }
}
