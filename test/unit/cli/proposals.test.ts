/** Every command and flag that a message, hint or page of the sources names is one of the table. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  createSourceFile,
  forEachChild,
  isNoSubstitutionTemplateLiteral,
  isStringLiteral,
  isTemplateExpression,
  type Node,
  ScriptTarget,
} from 'typescript';
import { expect, test } from 'vitest';
import type { CommandSpec, OptionSpec } from '../../../src/cli/command.ts';
import { commandTable, globalOptions } from '../../../src/cli/table.ts';

const source = join(import.meta.dirname, '..', '..', '..', 'src');

/** Not about our command line: the table itself, words of completion scripts, and planned commands that are refused by name. */
const others = new Set(['cli/table.ts', 'cli/usage.ts', 'cli/commands/completion.ts']);

/** What follows the name of the program in a sentence about it. */
const prose = new Set(['socket', 'container', 'does', 'may', 'listens', 'help', 'COMMAND', 'USER']);

/** Flags of other programs that are named: age, cosign, systemctl. */
const foreign = new Set(['--armor', '--key', '--now']);

interface Text {
  readonly place: string;
  readonly text: string;
}

/** String literals and templates, `…` for what is put into them. Comments are none. */
function textsOf(file: string): readonly Text[] {
  const parsed = createSourceFile(file, readFileSync(join(source, file), 'utf8'), ScriptTarget.Latest, true);
  const texts: Text[] = [];
  const add = (node: Node, text: string): void => {
    texts.push({ place: `${file}:${parsed.getLineAndCharacterOfPosition(node.getStart()).line + 1}`, text });
  };
  const visit = (node: Node): void => {
    if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) add(node, node.text);
    else if (isTemplateExpression(node)) add(node, [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…'));
    forEachChild(node, visit);
  };
  visit(parsed);
  return texts;
}

const texts = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .map((file) => relative(source, join(source, file)))
  .filter((file) => file.endsWith('.ts') && !file.startsWith('native/') && !others.has(file))
  .flatMap(textsOf);

const flagsOf = (options: readonly OptionSpec[]): readonly string[] =>
  options.flatMap(({ flags }) => flags.split(/[ ,]+/).filter((word) => word.startsWith('-')));
const known = new Set([...flagsOf(globalOptions), ...commandTable.flatMap(({ options }) => flagsOf(options)), '--help']);

/** The command whose name the words begin with, its group's included. */
function commandOf(words: readonly string[]): CommandSpec | null {
  const [first = '', second = ''] = words;
  return commandTable.find(({ name, alias }) => [first, `${first} ${second}`].includes(name) || alias === first) ?? null;
}

/** `tsdock logs … --previous` of a text, up to where the sentence goes on or another program's words begin. */
function proposalsOf({ text }: Text): readonly (readonly string[])[] {
  return [...text.matchAll(/\btsdock ((?:[\w…{}<>/|:=.-]+ ?)+)/g)].map(([, words = '']) => {
    const [own = ''] = words.split(/ -- |\. /);
    return own.trim().replace(/\.$/, '').split(' ');
  });
}

test('commands that are proposed exist, with their flags', () => {
  const proposals = texts.flatMap((text) => proposalsOf(text).map((words) => ({ place: text.place, words })));
  expect(proposals.length).toBeGreaterThan(60);
  const wrong = proposals.flatMap(({ place, words }) => {
    const said = `${place} tsdock ${words.join(' ')}`;
    if (prose.has(words[0] ?? '') || words[0] === '…') return [];
    const command = commandOf(words);
    if (command === null) return [said];
    const flags = new Set([...flagsOf(command.options), ...flagsOf(globalOptions), '--help']);
    return words.some((word) => /^--?\w/.test(word) && !flags.has(word.split('=')[0] ?? '')) ? [said] : [];
  });
  expect(wrong).toEqual([]);
});

test('flags that are named without a command are those of some command', () => {
  const named = texts.flatMap(({ place, text }) => [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => ({ place, flag })));
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ flag }) => !known.has(flag) && !foreign.has(flag)).map(({ place, flag }) => `${place} ${flag}`)).toEqual([]);
});
