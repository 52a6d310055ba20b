/** Archives written field by field, so that tests can write wrong ones. */

export interface Header {
  /** Type flag, `0` when absent. */
  readonly type?: string;
  readonly name?: string | Uint8Array;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  /** Stated size; that of the data when absent. */
  readonly size?: number;
  readonly data?: string | Uint8Array;
  readonly device?: readonly [number, number];
  /** Bytes that are put over the finished fields, before the checksum. */
  readonly put?: readonly (readonly [at: number, bytes: Uint8Array | string])[];
}

/** A header with the right checksum, and data padded to blocks. */
export function member(fields: Header): Buffer {
  const data = Buffer.from(fields.data ?? '');
  const block = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number): void =>
    void block.write(value.toString(8).padStart(length - 1, '0'), at, length - 1, 'latin1');
  Buffer.from(fields.name ?? 'x').copy(block, 0, 0, 100);
  octal(fields.mode ?? (fields.type === '5' ? 0o755 : 0o644), 100, 8);
  octal(fields.uid ?? 0, 108, 8);
  octal(fields.gid ?? 0, 116, 8);
  octal(fields.size ?? data.length, 124, 12);
  octal(fields.mtime ?? 1_700_000_000, 136, 12);
  block.write(fields.type ?? '0', 156, 'latin1');
  block.write(fields.link ?? '', 157, 100, 'utf8');
  block.write('ustar\x0000', 257, 'latin1');
  if (fields.device !== undefined) {
    octal(fields.device[0], 329, 8);
    octal(fields.device[1], 337, 8);
  }
  for (const [at, bytes] of fields.put ?? []) Buffer.from(bytes).copy(block, at);
  block.write('        ', 148, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([block, padded(data)]);
}

export const file = (name: string | Uint8Array, data: string | Uint8Array = '', more: Header = {}): Buffer =>
  member({ name, data, ...more });
export const directory = (name: string, more: Header = {}): Buffer => member({ type: '5', name, ...more });
export const symlink = (name: string, link: string): Buffer => member({ type: '2', name, link });
export const hardLink = (name: string, link: string, more: Header = {}): Buffer => member({ type: '1', name, link, ...more });

/** A PAX header for the entry behind it. */
export function pax(records: Readonly<Record<string, string | Uint8Array>>, type = 'x'): Buffer {
  const data = Buffer.concat(Object.entries(records).map(([key, value]) => record(key, Buffer.from(value))));
  return member({ type, name: 'PaxHeaders/x', data });
}

/** A GNU long name (`L`) or link (`K`). */
export function gnuLong(type: 'L' | 'K', value: string): Buffer {
  return member({ type, name: '././@LongLink', data: `${value}\0` });
}

/** Two zero blocks behind all of it. */
export function archive(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

export function padded(data: Uint8Array): Buffer {
  return Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

/** `length key=value\n`, the length counting itself. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.byteLength(key) + value.length + 3;
  let length = rest + 1;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from('\n')]);
}
