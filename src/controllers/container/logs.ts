import { type FileHandle, open as openFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogEntry, LogOptions } from '../../model/engine-api.ts';
import { TsdockError } from '../../model/errors.ts';
import { type Instant, parseKey } from '../../model/resource.ts';
import { isAbsent } from '../../store/files.ts';
import { instanceName } from './instance.ts';
import { type LogDirectory, listLogDirectories, logsNamed } from './log-directories.ts';
import { createLogDecoder, type LogDecoder, type LogLine } from './log-format.ts';

const current = 'current.log';
const chunkBytes = 64 * 1024;
/** How often followed files are looked at: files of many instances cost no inotify watches, of which a user has few. */
const pollMs = 150;

/**
 * Entries of an instance (`web-1`) or of all instances of a container (`web`), merged by time. Follows through rotation and, with `follow`, through replacement of the
 * instance, until the signal. CLI011 when nothing of that name has logs.
 */
export async function* readLogs(stateDir: string, options: LogOptions): AsyncGenerator<LogEntry> {
  const cursors = new Map<string, Cursor>();
  const open = async (from: Start) => {
    for (const directory of logsNamed(await listLogDirectories(stateDir), options)) {
      if (!cursors.has(directory.path)) cursors.set(directory.path, new Cursor(directory, from));
    }
  };
  try {
    await open({ tail: options.tail, sinceMs: options.sinceMs });
    if (cursors.size === 0) {
      const which = options.previous ? 'earlier instance' : 'logs';
      throw new TsdockError('CLI011', {
        message: `no ${which} of ${JSON.stringify(options.name.slice(0, 60))} in namespace ${options.namespace}`,
      });
    }
    const history = since(merged([...cursors.values()], options.follow ? 'open' : 'closed'), options.sinceMs);
    yield* options.tail === null ? history : lastOf(history, options.tail);
    while (options.follow && (await pause(options.signal))) {
      if (!options.previous) await open({ tail: null, sinceMs: null });
      yield* merged([...cursors.values()], 'open');
    }
  } finally {
    await Promise.all([...cursors.values()].map((cursor) => cursor.close()));
  }
}

interface Start {
  readonly tail: number | null;
  readonly sinceMs: Instant | null;
}

/** Place in the log files of one instance: a file that stays open while it is renamed by a rotation, and how far it was read. */
class Cursor {
  readonly #directory: LogDirectory;
  readonly #start: Start;
  readonly #decoder: LogDecoder = createLogDecoder();
  readonly #instance: string;
  #file: FileHandle | null = null;
  #position = 0;
  #queue: LogLine[] = [];

  constructor(directory: LogDirectory, start: Start) {
    this.#directory = directory;
    this.#start = start;
    this.#instance = instanceName(parseKey(directory.key).name, directory.slot);
  }

  /** The next entry without taking it; null: nothing more for now. */
  async peek(): Promise<LogEntry | null> {
    while (this.#queue.length === 0) {
      if (this.#file === null && !(await this.#openFirst())) return null;
      const bytes = await this.#read();
      if (bytes !== null) this.#queue.push(...this.#decoder.push(bytes));
      else if (!(await this.#openNext())) return null;
    }
    const [line] = this.#queue;
    return line === undefined ? null : { instance: this.#instance, ...line };
  }

  take(): void {
    this.#queue.shift();
  }

  /** Unfinished lines, when nothing more is to come. */
  flush(): readonly LogEntry[] {
    return this.#decoder.flush().map((line) => ({ instance: this.#instance, ...line }));
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }

  async #read(): Promise<Uint8Array | null> {
    const buffer = new Uint8Array(chunkBytes);
    const { bytesRead } = (await this.#file?.read(buffer, 0, chunkBytes, this.#position)) ?? { bytesRead: 0 };
    this.#position += bytesRead;
    return bytesRead === 0 ? null : buffer.subarray(0, bytesRead);
  }

  async #openFirst(): Promise<boolean> {
    const files = await filesOf(this.#directory.path);
    const first = await firstNeeded(this.#directory.path, files, this.#start);
    if (first === undefined) return false;
    await this.#switchTo(first);
    return true;
  }

  /** The file after the one that was read to its end: found by inode, since a rotation renamed it. When it is gone, everything that is left is newer. */
  async #openNext(): Promise<boolean> {
    const held = await this.#file?.stat({ bigint: true });
    const files = await filesOf(this.#directory.path);
    const next = files[files.findIndex((file) => file.inode === held?.ino) + 1];
    if (next === undefined) return false;
    // What was written between the last read and the rotation belongs to the file that is still open.
    const late = await this.#read();
    if (late !== null) this.#queue.push(...this.#decoder.push(late));
    else await this.#switchTo(next);
    return true;
  }

  /** Leaves things as they are when the name means another file by now: the next look finds it. */
  async #switchTo(next: LogFile): Promise<void> {
    const file = await openFile(join(this.#directory.path, next.name), 'r').catch(ifAbsent(null));
    if (file === null) return;
    if ((await file.stat({ bigint: true })).ino !== next.inode) {
      await file.close();
      return;
    }
    await this.#file?.close();
    this.#file = file;
    this.#position = 0;
    this.#decoder.nextFile();
  }
}

interface LogFile {
  readonly name: string;
  readonly inode: bigint;
}

/** Log files, oldest first: `current.log.2`, `current.log.1`, `current.log`. Looked at until two looks agree: a rotation in between would mix names and inodes. */
async function filesOf(directory: string): Promise<readonly LogFile[]> {
  for (let earlier: string | null = null; ; ) {
    const files = await filesNow(directory);
    const text = files.map((file) => `${file.name} ${file.inode}`).join();
    if (text === earlier) return files;
    earlier = text;
  }
}

async function filesNow(directory: string): Promise<readonly LogFile[]> {
  const names = await readdir(directory).catch(ifAbsent<string[]>([]));
  const numberOf = (name: string) => (name === current ? 0 : Number(/^current\.log\.(?<n>\d+)$/.exec(name)?.groups?.n ?? Number.NaN));
  const sorted = names.filter((name) => !Number.isNaN(numberOf(name))).sort((a, b) => numberOf(b) - numberOf(a));
  const files = await Promise.all(
    sorted.map(async (name) => {
      const found = await stat(join(directory, name), { bigint: true }).catch(ifAbsent(null));
      return found === null ? [] : [{ name, inode: found.ino }];
    }),
  );
  return files.flat();
}

/** The oldest file that can hold something wanted: nothing is read that `tail` or `since` would throw away. */
async function firstNeeded(directory: string, files: readonly LogFile[], start: Start): Promise<LogFile | undefined> {
  let lines = 0;
  for (const [index, file] of [...files.entries()].reverse()) {
    const older = files[index - 1];
    if (older === undefined) return file;
    if (start.tail !== null) {
      lines += await countLines(join(directory, file.name));
      if (lines > start.tail) return file;
    }
    const found = start.sinceMs === null ? null : await stat(join(directory, older.name)).catch(ifAbsent(null));
    if (found !== null && start.sinceMs !== null && found.mtimeMs < start.sinceMs) return file;
  }
  return undefined;
}

async function countLines(path: string): Promise<number> {
  const content = await readFile(path).catch(ifAbsent(Buffer.alloc(0)));
  let lines = 0;
  for (let at = content.indexOf(10); at !== -1; at = content.indexOf(10, at + 1)) lines++;
  return lines;
}

/** A file that a rotation took away between two calls counts as the given value. */
function ifAbsent<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (isAbsent(error)) return value;
    throw error;
  };
}

/** Everything the cursors have, in order of time. `closed`: nothing more will come, so unfinished lines count. */
async function* merged(cursors: readonly Cursor[], end: 'open' | 'closed'): AsyncGenerator<LogEntry> {
  for (;;) {
    let earliest: { readonly cursor: Cursor; readonly entry: LogEntry } | null = null;
    for (const cursor of cursors) {
      const entry = await cursor.peek();
      if (entry !== null && (earliest === null || entry.at < earliest.entry.at)) earliest = { cursor, entry };
    }
    if (earliest === null) break;
    earliest.cursor.take();
    yield earliest.entry;
  }
  if (end === 'closed') yield* cursors.flatMap((cursor) => cursor.flush());
}

async function* since(entries: AsyncIterable<LogEntry>, sinceMs: Instant | null): AsyncGenerator<LogEntry> {
  for await (const entry of entries) if (sinceMs === null || Date.parse(entry.at) >= sinceMs) yield entry;
}

async function* lastOf(entries: AsyncIterable<LogEntry>, count: number): AsyncGenerator<LogEntry> {
  const kept: LogEntry[] = [];
  for await (const entry of entries) {
    kept.push(entry);
    if (kept.length > 2 * count + 1024) kept.splice(0, kept.length - count);
  }
  yield* count === 0 ? [] : kept.slice(-count);
}

/** False once the signal was given. */
async function pause(signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await sleep(pollMs, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
