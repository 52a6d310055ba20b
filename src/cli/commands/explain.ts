import { didYouMean } from '../../manifest/diagnostic.ts';
import { type CodePage, codePages } from '../../model/code-pages.ts';
import { effectOf } from '../../model/effects.ts';
import { type ErrorCode, errorCodes } from '../../model/errors.ts';
import { type Field, fields, kindFacts } from '../../model/generated/fields.ts';
import { type CommandContext, done, type Outcome, usage } from '../command.ts';
import { unknownKind } from '../kind-names.ts';
import { printData } from '../output.ts';

export async function run(context: CommandContext, [word = '']: readonly string[]): Promise<Outcome> {
  const { streams } = context;
  const code = word.toUpperCase();
  const known = codePages[code];
  if (known !== undefined) {
    if (!(await printData(context, { code, ...known }))) streams.stdout.write(explainCode(code, known));
    return done;
  }
  if (/^[A-Z]{2,4}\d+$/.test(word))
    throw usage(`no code "${word}"`, didYouMean(word, Object.keys(codePages)) ?? 'codes stand in brackets: error[SCH001]');
  const [kindWord = '', ...rest] = word.split('.');
  const facts = kindFacts.find(({ kind }) => kind.toLowerCase() === kindWord.toLowerCase());
  if (facts === undefined) throw unknownKind(kindWord);
  const own = fields.filter((field) => field.kind === facts.kind);
  const path = (rest[0] === 'spec' ? rest.slice(1) : rest).join('.');
  if (path === '') {
    const top = own.filter((field) => !/[.[]/.test(field.path));
    if (!(await printData(context, { ...facts, fields: own }))) streams.stdout.write(explainKind(facts, top));
    return done;
  }
  const field = findField(own, path);
  if (field === null)
    throw usage(
      `no field "${path}" in ${facts.kind}`,
      didYouMean(
        path,
        own.map((candidate) => candidate.path),
      ) ?? `tsdock explain ${facts.kind}`,
    );
  const below = own.filter((candidate) => isDirectlyBelow(candidate.path, field.path));
  if (!(await printData(context, { ...field, fields: below }))) streams.stdout.write(explainField(field, below));
  return done;
}

function explainCode(code: string, { means, causes, next }: CodePage): string {
  const exit = Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode].exit : errorCodes.MANIFEST.exit;
  return `${code}  ${means}\n\ncause  ${causes}\nnext   ${next}\nexit   ${exit}\n`;
}

/** The field of a path; entries of lists and maps may be left out of it: `ports.hostPort` is `ports[].hostPort`. */
function findField(own: readonly Field[], path: string): Field | null {
  const plain = (text: string) => text.replaceAll('[]', '').replaceAll('.*', '').toLowerCase();
  return own.find((field) => field.path === path) ?? own.find((field) => plain(field.path) === plain(path)) ?? null;
}

function isDirectlyBelow(path: string, parent: string): boolean {
  if (!path.startsWith(parent) || path === parent) return false;
  return /^(?:\[\]|\.\*)?\.[^.[]+$/.test(path.slice(parent.length));
}

function explainKind({ kind, description, since }: (typeof kindFacts)[number], top: readonly Field[]): string {
  const lines = [
    `${kind}  ${description}${since === 'M1' ? '' : `  (comes with ${since})`}`,
    '',
    ...top.map(fieldLine),
    '',
    `tsdock explain ${kind}.FIELD for more`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function explainField(field: Field, below: readonly Field[]): string {
  const lines = [
    `${field.kind}.spec.${field.path}  ${field.type}${field.required ? '  required' : ''}`,
    '',
    field.description,
    '',
    `default  ${field.default ?? 'none'}`,
    `change   ${effectOf(field.change)}`,
    ...(field.since === 'M1' ? [] : [`since    ${field.since}: known, but not in this release`]),
    ...(below.length === 0 ? [] : ['', ...below.map(fieldLine)]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function fieldLine({ path, type, required, since, description }: Field): string {
  const marks = `${required ? ' required' : ''}${since === 'M1' ? '' : ` (${since})`}`;
  return `  ${path.padEnd(28)} ${`${type}${marks}`.padEnd(30)} ${description}`;
}
