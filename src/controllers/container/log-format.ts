import type { LogEntry } from '../../model/engine-api.ts';

/** An entry before it has a container: what one line of a log file says, parts joined. */
export type LogLine = Omit<LogEntry, 'instance'>;

export interface LogDecoder {
  /** Entries that bytes of a log file complete. */
  push(bytes: Uint8Array): readonly LogLine[];
  /** A file ended and another one follows: what was not ended by a newline was cut and is no entry. */
  nextFile(): void;
  /** What stands there without its end, when nothing more is to come. */
  flush(): readonly LogLine[];
}

interface Pending {
  readonly at: string;
  readonly parts: Buffer[];
}

/**
 * Reads CRI text, `<rfc3339nano> <stdout|stderr> <F|P> <text>`, as it comes in pieces. Parts (`P`) are joined with the entry that ends them (`F`), by stream, and carry the
 * time of the first. Lines that are no entry (cut by a crash) are left out.
 */
export function createLogDecoder(): LogDecoder {
  let rest: Buffer = Buffer.alloc(0);
  const pending = new Map<LogLine['stream'], Pending>();

  const take = (line: Buffer): LogLine | null => {
    const entry = parseEntry(line);
    if (entry === null) return null;
    const open = pending.get(entry.stream) ?? { at: entry.at, parts: [] };
    open.parts.push(entry.text);
    if (entry.isPart) {
      pending.set(entry.stream, open);
      return null;
    }
    pending.delete(entry.stream);
    return { at: open.at, stream: entry.stream, line: Buffer.concat(open.parts).toString('utf8') };
  };

  return {
    push(bytes) {
      const all = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
      const lines: LogLine[] = [];
      let start = 0;
      for (let end = all.indexOf(10, start); end !== -1; end = all.indexOf(10, start)) {
        const line = take(all.subarray(start, end));
        if (line !== null) lines.push(line);
        start = end + 1;
      }
      rest = all.subarray(start);
      return lines;
    },
    nextFile() {
      rest = Buffer.alloc(0);
    },
    flush() {
      const lines = [...pending].map(([stream, { at, parts }]) => ({ at, stream, line: Buffer.concat(parts).toString('utf8') }));
      pending.clear();
      return lines;
    },
  };
}

interface Entry {
  readonly at: string;
  readonly stream: LogLine['stream'];
  readonly isPart: boolean;
  readonly text: Buffer;
}

function parseEntry(line: Buffer): Entry | null {
  const first = line.indexOf(32);
  const second = first === -1 ? -1 : line.indexOf(32, first + 1);
  if (second === -1) return null;
  const at = line.toString('latin1', 0, first);
  const stream = line.toString('latin1', first + 1, second);
  const tag = line.toString('latin1', second + 1, second + 3);
  if ((stream !== 'stdout' && stream !== 'stderr') || !/^\d{4}-\d\d-\d\dT/.test(at)) return null;
  if (tag !== 'F ' && tag !== 'P ') return null;
  return { at, stream, isPart: tag === 'P ', text: line.subarray(second + 3) };
}
