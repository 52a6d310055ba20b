import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

/** What a walk through a whole environment found. `damage` null: every page of every collection could be read. */
export interface Walk {
  readonly damage: string | null;
  /** The collection in which it ended early; null: at its end, or before the first. */
  readonly endedIn: string | null;
  /** Frames in the order of their collections and keys, as far as the walk came; only when asked for. */
  readonly entries: readonly WalkedEntry[];
}

export interface WalkedEntry {
  readonly collection: string;
  readonly id: string;
  readonly frame: Buffer;
}

/** A child that hangs in damaged pages is as good as dead. */
const walkTimeoutMs = 60_000;

/**
 * Reads an environment from end to end in a child process. LMDB maps its file and trusts it: damage can end the process that reads it (SIGSEGV, SIGBUS,
 * assertion), which no `catch` sees. Never throws for damage; a child that dies is a finding.
 */
export function walkStore(
  path: string,
  options: { readonly collections: readonly string[]; readonly collect: 'entries' | 'nothing' },
): Promise<Walk> {
  return new Promise((resolve) => {
    const lmdb = createRequire(import.meta.url).resolve('lmdb');
    const child = spawn(process.execPath, ['-e', childScript, lmdb, path, options.collect, ...options.collections], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '' },
      timeout: walkTimeoutMs,
      killSignal: 'SIGKILL',
    });
    const entries: WalkedEntry[] = [];
    let finished = false;
    let endedIn: string | null = null;
    let complaint = '';
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [kind = '', collection = '', id = '', frame = ''] = line.split('\t');
      if (kind === 'entry') entries.push({ collection, id: JSON.parse(id) as string, frame: Buffer.from(frame, 'base64') });
      if (kind === 'begin') endedIn = collection;
      if (kind === 'end') finished = true;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-2000);
    });
    child.on('error', (error) => resolve({ damage: `cannot be walked: ${error.message}`, endedIn: null, entries }));
    child.on('close', (code, signal) => {
      if (finished && code === 0) resolve({ damage: null, endedIn: null, entries });
      else resolve({ damage: describeDeath(code, signal, complaint), endedIn, entries });
    });
  });
}

function describeDeath(code: number | null, signal: string | null, complaint: string): string {
  const last = complaint
    .split('\n')
    .map((line) => line.trim())
    .find((line) => /error|invalid|corrupt|assert|file/i.test(line));
  const end = signal === null ? `ended with ${code}` : `was ended by ${signal}`;
  return `the walk ${end}${last === undefined ? '' : `: ${last.slice(0, 200)}`}`;
}

/** Plain CommonJS: the child must not depend on how this file was compiled. Written synchronously, so that what was read before a death arrives. */
const childScript = `
const { writeSync } = require('node:fs');
const [lmdb, path, collect, ...collections] = process.argv.slice(1);
const say = (...words) => {
  let rest = Buffer.from(words.join('\\t') + '\\n');
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
};
const db = require(lmdb).open({ path, noSubdir: false, encoding: 'binary', readOnly: true, maxDbs: 32 });
for (const name of collections) {
  say('begin', name);
  const collection = db.openDB(name, { encoding: 'binary' });
  if (!collection) continue;
  for (const { key, value } of collection.getRange()) {
    let sum = 0;
    for (const byte of value) sum = (sum + byte) | 0;
    if (collect === 'entries') say('entry', name, JSON.stringify(String(key)), value.toString('base64'));
  }
}
say('end');
process.exit(0);
`;
