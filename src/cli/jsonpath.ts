/**
 * `-o jsonpath=…`: kubectl's form for what scripts need. Text with expressions in braces; an expression is a path of fields (`.metadata.name`, `['a.b']`), indexes (`[0]`,
 * `[-1]`), all (`[*]`) and entries where a field equals a value (`[?(@.name=="web")]`), or a quoted text (`{"\n"}`). Several values are joined by a space; an absent field
 * is nothing.
 */
import { usage } from './command.ts';

type Step =
  | { readonly is: 'field'; readonly name: string }
  | { readonly is: 'index'; readonly index: number }
  | { readonly is: 'all' }
  | { readonly is: 'where'; readonly path: readonly Step[]; readonly equal: boolean; readonly value: unknown };

type Part = { readonly is: 'text'; readonly text: string } | { readonly is: 'path'; readonly steps: readonly Step[] };

/** The text of an expression for `data`. CLI010 with the place for one that is not understood. */
export function renderJsonPath(expression: string, data: unknown): string {
  return parseTemplate(expression)
    .map((part) => (part.is === 'text' ? part.text : valuesAt(data, part.steps).map(textOf).join(' ')))
    .join('');
}

/** `-o template=…`: text with paths in double braces, `{{.metadata.name}} is {{.status.phase}}`; `\\n` and `\\t` are what they are elsewhere. CLI010 as above. */
export function renderTemplate(template: string, item: unknown): string {
  const text = template.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
  if (!/\{\{.*?\}\}/.test(text))
    throw usage(`template ${JSON.stringify(template)} names no field`, "-o template='{{.metadata.name}} {{.status.phase}}'");
  return text.replace(/\{\{\s*(.*?)\s*\}\}/g, (_whole, path: string) => valuesAt(item, parseSteps(path, template)).map(textOf).join(' '));
}

/** Values at a path without braces, such as `.status.phase`. */
export function valuesOf(path: string, data: unknown): readonly unknown[] {
  return valuesAt(data, parseSteps(path, path));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function valuesAt(data: unknown, steps: readonly Step[]): readonly unknown[] {
  return steps.reduce<readonly unknown[]>((values, step) => values.flatMap((value) => follow(value, step)), [data]);
}

function follow(value: unknown, step: Step): readonly unknown[] {
  const isObject = typeof value === 'object' && value !== null;
  switch (step.is) {
    case 'field': {
      if (!isObject || Array.isArray(value) || !Object.hasOwn(value, step.name)) return [];
      return [(value as Record<string, unknown>)[step.name]];
    }
    case 'index':
      return Array.isArray(value) ? value.slice(step.index, step.index === -1 ? undefined : step.index + 1) : [];
    case 'all':
      return isObject ? Object.values(value) : [];
    case 'where':
      return Array.isArray(value)
        ? value.filter((entry) => valuesAt(entry, step.path).some((found) => found === step.value) === step.equal)
        : [];
  }
}

// ------------------------------------------------------------------------------------------------------------------- parsing

function parseTemplate(text: string): readonly Part[] {
  if (!text.includes('{')) return [{ is: 'path', steps: parseSteps(text, text) }];
  const parts: Part[] = [];
  for (const [whole, inside] of text.matchAll(/\{((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^}"'])*)\}|[^{]+|\{/g)) {
    if (whole === '{') throw mistake(text, 'a brace is not closed');
    if (inside === undefined) parts.push({ is: 'text', text: whole });
    else if (/^\s*"/.test(inside)) parts.push({ is: 'text', text: unquote(inside.trim(), text) });
    else if (/^\s*(?:range|end)\b/.test(inside)) throw mistake(text, 'range is not known', '-o template=… prints one line an object');
    else parts.push({ is: 'path', steps: parseSteps(inside.trim(), text) });
  }
  return parts;
}

const stepForms = [
  String.raw`\.(?<dotted>[\w-]+)`,
  String.raw`\[\s*'(?<quoted>[^']*)'\s*\]`,
  String.raw`\[\s*(?<index>-?\d+)\s*\]`,
  String.raw`(?<all>\[\s*\*\s*\]|\.\*)`,
  String.raw`\[\?\(\s*@(?<path>(?:\.[\w-]+|\['[^']*'\])+)\s*(?<operator>==|!=)\s*(?<value>"(?:[^"\\]|\\.)*"|'[^']*'|[\w.-]+)\s*\)\]`,
].join('|');

function parseSteps(path: string, whole: string): readonly Step[] {
  const text = (/^[\w-]/.test(path) ? `.${path}` : path).replace(/^[$@]/, ''); // kubectl takes `metadata.name` too
  if (text === '' || text === '.') return [];
  const steps: Step[] = [];
  const form = new RegExp(stepForms, 'y');
  while (form.lastIndex < text.length) {
    const at = form.lastIndex;
    const found = form.exec(text)?.groups;
    if (found === undefined) {
      throw mistake(whole, `${JSON.stringify(text.slice(at, at + 20))} is no field, index, [*] or [?(@.field=="value")]`);
    }
    steps.push(stepOf(found, whole));
  }
  return steps;
}

function stepOf(found: Readonly<Record<string, string | undefined>>, whole: string): Step {
  const { dotted, quoted, index, path, operator, value = '' } = found;
  if (dotted !== undefined || quoted !== undefined) return { is: 'field', name: dotted ?? quoted ?? '' };
  if (index !== undefined) return { is: 'index', index: Number(index) };
  if (path === undefined) return { is: 'all' };
  return { is: 'where', path: parseSteps(path, whole), equal: operator === '==', value: literal(value, whole) };
}

function literal(text: string, whole: string): unknown {
  if (text.startsWith("'")) return text.slice(1, -1);
  if (text.startsWith('"')) return unquote(text, whole);
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return text === 'true' ? true : text === 'false' ? false : text === 'null' ? null : text;
}

function unquote(text: string, whole: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    throw mistake(whole, `${text} is no text in quotes`);
  }
}

function mistake(expression: string, what: string, hint = "-o jsonpath='{.items[*].metadata.name}'") {
  return usage(`jsonpath ${JSON.stringify(expression)}: ${what}`, hint);
}
