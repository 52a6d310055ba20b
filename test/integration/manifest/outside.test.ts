import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Answer, type Want, wantKey } from '../../../src/manifest/outside.ts';
import { readOutside } from '../../../src/manifest/read-outside.ts';
import { scratch } from '../../support/scratch.ts';

async function ask(want: Want, env: NodeJS.ProcessEnv = { PATH: process.env.PATH }): Promise<Answer | undefined> {
  return (await readOutside([want], { env, programs: 'run' })).get(wantKey(want));
}

function textsOf(answer: Answer | undefined): unknown {
  if (answer === undefined || 'problem' in answer) return answer;
  return Object.fromEntries(answer.pieces.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]));
}

function files(entries: Readonly<Record<string, string>>): string {
  const directory = scratch();
  for (const [name, content] of Object.entries(entries)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

test('a pattern names files by their base names, hidden ones only when it says so', async () => {
  const directory = files({ 'a.conf': '1', 'b.conf': '2', 'b.txt': '3', '.c.conf': '4', 'sub/d.conf': '5', 'sub/[x].conf': '6' });
  const pattern = (text: string): Want => ({ kind: 'files', pattern: join(directory, text) });
  expect(textsOf(await ask(pattern('*.conf')))).toEqual({ 'a.conf': '1', 'b.conf': '2' });
  expect(textsOf(await ask(pattern('?.txt')))).toEqual({ 'b.txt': '3' });
  expect(textsOf(await ask(pattern('.*.conf')))).toEqual({ '.c.conf': '4' });
  expect(textsOf(await ask(pattern('s*/d.conf')))).toEqual({ 'd.conf': '5' });
  expect(textsOf(await ask(pattern('sub/[x].conf')))).toEqual({ '[x].conf': '6' });
});

test('what is no file, too large or not there is a problem, and nothing waits for a writer', async () => {
  const directory = files({ large: 'x'.repeat(1_048_577), 'a*b': 'star' });
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  symlinkSync('nowhere', join(directory, 'dangling'));
  const problem = async (name: string): Promise<string> => {
    const answer = await ask({ kind: 'files', pattern: join(directory, name) });
    return answer !== undefined && 'problem' in answer ? answer.problem.replace(directory, '') : 'none';
  };
  expect(await problem('pipe')).toBe('"/pipe" is not a file');
  expect(await problem('')).toBe('"" is not a file');
  expect(await problem('large')).toContain('is too large');
  expect(await problem('dangling')).toBe('"/dangling" cannot be read (ENOENT)');
  expect(await problem('*.none')).toBe('"/*.none" names no file');
  expect(textsOf(await ask({ kind: 'files', pattern: join(directory, 'a\\*b') }))).toEqual({ 'a*b': 'star' });
});

test('a program runs without a shell, beside the manifest, and gives its output without the last line break', async () => {
  const directory = files({ 'greeting.txt': 'hello\n\n' });
  expect(textsOf(await ask({ kind: 'exec', argv: ['cat', 'greeting.txt'], directory }))).toEqual({ '': 'hello\n' });
  expect(textsOf(await ask({ kind: 'exec', argv: ['echo', '$HOME', ';', 'ls'], directory }))).toEqual({ '': '$HOME ; ls' });
});

test('a program that fails says how it ended and nothing of what it said', async () => {
  const run = (...argv: string[]) => ask({ kind: 'exec', argv, directory: '/' });
  expect(await run('sh', '-c', 'echo hunter2; echo hunter2 >&2; exit 3')).toEqual({ problem: '"sh" ended with 3' });
  expect(await run('/nowhere/at/all')).toEqual({ problem: '"/nowhere/at/all" cannot be run (ENOENT)' });
  expect(await run('sh', '-c', 'head -c 2000000 /dev/zero; sleep 60')).toEqual({ problem: '"sh" says more than 1Mi' });
  expect(await run('sh', '-c', 'kill -9 $$')).toEqual({ problem: '"sh" was ended by SIGKILL' });
});

test('variables come from the environment that is handed in', async () => {
  expect(textsOf(await ask({ kind: 'env', name: 'DB' }, { DB: 'x' }))).toEqual({ '': 'x' });
  expect(await ask({ kind: 'env', name: 'PATH' }, {})).toEqual({ problem: 'variable "PATH" is not set here' });
});

test('a directory below a work tree of Git is one', async () => {
  const directory = files({ 'repo/.git/HEAD': '', 'repo/app/a.yaml': '', 'other/a.yaml': '' });
  expect(textsOf(await ask({ kind: 'git', directory: join(directory, 'repo/app') }))).toEqual({ '.git': '' });
  expect(textsOf(await ask({ kind: 'git', directory: join(directory, 'other') }))).toEqual({});
});

test('programs that are not to run leave the question open', async () => {
  const want: Want = { kind: 'exec', argv: ['true'], directory: '/' };
  expect((await readOutside([want], { env: {}, programs: 'leave' })).size).toBe(0);
  const known = new Map([[wantKey(want), { pieces: [] }]]);
  expect(await readOutside([want], { env: {}, programs: 'run', known })).toEqual(known);
});
