/** Reads what documents want from beside their manifests. Bounded in time and size; content is never part of a message. */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { compareText, quote } from './diagnostic.ts';
import { type Loaded, type LoadOptions, loadManifests, type ManifestInput } from './load.ts';
import { type Answer, maxContentBytes, nothingOutside, type Outside, type Piece, type Want, wantKey } from './outside.ts';

export interface ReadOptions {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Whether programs may be run: `lint` runs none, and what they would say stays unknown. */
  readonly programs: 'run' | 'leave';
  /** Answers of an earlier time that still hold. */
  readonly known?: Outside;
}

const execLimitMs = 10_000;

/** As `loadManifests`, with everything that the documents want from beside their manifests. */
export async function loadWithOutside(inputs: readonly ManifestInput[], options: LoadOptions, reading: ReadOptions): Promise<Read> {
  const first = loadManifests(inputs, options);
  if (first.wants.length === 0) return { ...first, outside: nothingOutside };
  const outside = await readOutside(first.wants, reading);
  return { ...loadManifests(inputs, { ...options, outside }), outside };
}

export interface Read extends Loaded {
  readonly outside: Outside;
}

export async function readOutside(wants: readonly Want[], options: ReadOptions): Promise<Outside> {
  const answers = new Map<string, Answer>();
  for (const want of wants) {
    const key = wantKey(want);
    if (answers.has(key) || (want.kind === 'exec' && options.programs === 'leave')) continue;
    answers.set(key, options.known?.get(key) ?? (await answerTo(want, options)));
  }
  return answers;
}

function answerTo(want: Want, { env }: ReadOptions): Promise<Answer> {
  switch (want.kind) {
    case 'files':
      return readPattern(want.pattern);
    case 'env':
      return Promise.resolve(readVariable(want.name, env));
    case 'exec':
      return runProgram(want.argv, want.directory, env);
    case 'git':
      return isInGit(want.directory);
  }
}

function readVariable(name: string, env: ReadOptions['env']): Answer {
  const value = env[name];
  if (value === undefined) return { problem: `variable ${quote(name)} is not set here` };
  return { pieces: [{ name: '', bytes: Buffer.from(value) }] };
}

async function isInGit(directory: string): Promise<Answer> {
  for (let at = directory; ; at = dirname(at)) {
    const found = await access(join(at, '.git')).then(
      () => true,
      () => false,
    );
    if (found) return { pieces: [{ name: '.git', bytes: new Uint8Array() }] };
    if (dirname(at) === at) return { pieces: [] };
  }
}

// ----------------------------------------------------------------------------------------------------------------------- files

/** The files a pattern names, by path. No file is a mistake: it would be an empty Config. */
async function readPattern(pattern: string): Promise<Answer> {
  const shown = pattern.replace(/\\(.)/g, '$1');
  try {
    const paths = await pathsOf(pattern);
    if (paths.length === 0) return { problem: `${quote(shown)} names no file` };
    const pieces: Piece[] = [];
    let total = 0;
    for (const path of paths) {
      const bytes = await readRegular(path, maxContentBytes - total);
      if (typeof bytes === 'string') return { problem: `${quote(path)} ${bytes}` };
      total += bytes.byteLength;
      pieces.push({ name: basename(path), bytes });
    }
    return { pieces };
  } catch (error) {
    return { problem: `${quote(shown)} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'EIO'})` };
  }
}

async function pathsOf(pattern: string): Promise<readonly string[]> {
  let found = ['/'];
  for (const segment of pattern.split('/').filter((part) => part !== '')) {
    if (!/(?<!\\)[*?]/.test(segment)) {
      found = found.map((directory) => join(directory, segment.replace(/\\(.)/g, '$1')));
      continue;
    }
    const matcher = matcherOf(segment);
    const below = await Promise.all(found.map(async (directory) => (await readdir(directory)).map((name) => [directory, name] as const)));
    // As a shell does, hidden files are named only by a pattern that begins with a dot.
    const names = below.flat().filter(([, name]) => matcher.test(name) && (segment.startsWith('.') || !name.startsWith('.')));
    found = names.map(([directory, name]) => join(directory, name)).sort(compareText);
  }
  return found;
}

function matcherOf(segment: string): RegExp {
  const source = segment.replace(/\\(.)|[*?]|[.+^${}()|[\]]/g, (token, literal: string | undefined) => {
    if (token === '*') return '.*';
    return token === '?' ? '.' : `\\${literal ?? token}`;
  });
  return new RegExp(`^${source}$`, 'su');
}

/** Never waits for a writer (FIFO), never reads more than `limit`. A text says what is wrong. */
async function readRegular(path: string, limit: number): Promise<Buffer | string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    if (!(await file.stat()).isFile()) return 'is not a file';
    const chunks: Buffer[] = [];
    let total = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536), 0, null, null);
      if (bytesRead === 0) return Buffer.concat(chunks);
      total += bytesRead;
      if (total > limit) return 'is too large: one Config or Secret carries at most 1Mi';
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

// --------------------------------------------------------------------------------------------------------------------- program

/** No shell, no input, bounded time and output. Its own words go nowhere: they may hold what it was asked for. */
function runProgram(argv: readonly string[], directory: string, env: ReadOptions['env']): Promise<Answer> {
  const [program = '', ...args] = argv;
  return new Promise((answer) => {
    const child = spawn(program, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    const chunks: Buffer[] = [];
    let total = 0;
    let problem: string | null = null;
    const giveUp = (text: string): void => {
      problem ??= text;
      child.stdout.destroy(); // a grandchild may hold the other end for ever
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL'); // with its children: it leads a group of its own
      } catch {
        // It has ended meanwhile.
      }
    };
    const timer = setTimeout(() => giveUp(`did not end within ${execLimitMs / 1000} s`), execLimitMs);
    child.stdout.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total > maxContentBytes) giveUp('says more than 1Mi');
      else chunks.push(chunk);
    });
    child.on('error', (error: NodeJS.ErrnoException) => giveUp(`cannot be run (${error.code ?? 'EIO'})`));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (problem === null && code !== 0) problem = signal === null ? `ended with ${code}` : `was ended by ${signal}`;
      answer(
        problem === null
          ? { pieces: [{ name: '', bytes: withoutLastBreak(Buffer.concat(chunks)) }] }
          : { problem: `${quote(program)} ${problem}` },
      );
    });
  });
}

/** As `$(…)` of a shell, but one line break only. */
function withoutLastBreak(bytes: Buffer): Buffer {
  if (bytes.at(-1) !== 10) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 13 ? -2 : -1);
}
