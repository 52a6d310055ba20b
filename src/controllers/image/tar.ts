/**
 * Index of an outer archive (`docker save`, `skopeo copy … oci-archive:`): which member lies where. Read with bounds; contents are never extracted. Layers, which are hostile
 * trees, have their own unpacker in the native module.
 */
export interface TarMember {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** Member this one is a link to, as written; null for a file. */
  readonly link: string | null;
}

/** Reads at a position; fewer bytes only at the end of the file. */
export type ReadAt = (position: number, length: number) => Promise<Uint8Array>;

const block = 512;
const bounds = { members: 100_000, nameBytes: 4096, extensionBytes: 1 << 20 } as const;

/** All files and links, the last of a name wins. Throws an Error that says what is wrong with the archive. */
export async function indexTar(read: ReadAt, fileSize: number): Promise<ReadonlyMap<string, TarMember>> {
  const members = new Map<string, TarMember>();
  let extension: Extension = {};
  for (let position = 0, count = 0; position + block <= fileSize; count++) {
    if (count > bounds.members) throw new Error(`more than ${bounds.members} members`);
    const header = Buffer.from(await read(position, block));
    if (header.every((byte) => byte === 0)) break;
    const entry = parseHeader(header, position);
    const size = extension.size ?? entry.size;
    const offset = position + block;
    if (offset + size > fileSize) throw new Error(`member at ${position} is cut off`);
    if (entry.type === 'x' || entry.type === 'L' || entry.type === 'K' || entry.type === 'g') {
      if (size > bounds.extensionBytes) throw new Error(`extended header at ${position} has ${size} bytes`);
      const data = Buffer.from(await read(offset, size));
      if (entry.type !== 'g') extension = { ...extension, ...readExtension(entry.type, data) };
    } else {
      const name = cleanName(extension.name ?? entry.name);
      const link = entry.type === '1' || entry.type === '2' ? (extension.link ?? entry.link) : null;
      if (name !== '' && (entry.type === '0' || link !== null)) members.set(name, { name, offset, size: link === null ? size : 0, link });
      extension = {};
    }
    position = offset + Math.ceil(size / block) * block;
  }
  return members;
}

/** The file a name leads to, through at most eight links inside the archive; null when there is none. */
export function findMember(members: ReadonlyMap<string, TarMember>, name: string): TarMember | null {
  let member = members.get(cleanName(name));
  for (let hop = 0; member !== undefined && member.link !== null; hop++) {
    if (hop === 8) return null;
    const beside = member.name.includes('/') ? member.name.slice(0, member.name.lastIndexOf('/')) : '';
    member = members.get(resolveInside(beside, member.link)) ?? members.get(cleanName(member.link));
  }
  return member ?? null;
}

interface Extension {
  readonly name?: string;
  readonly link?: string;
  readonly size?: number;
}

interface Header {
  readonly name: string;
  readonly link: string;
  readonly size: number;
  readonly type: string;
}

function parseHeader(header: Buffer, position: number): Header {
  const stated = readOctal(header.subarray(148, 156));
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  if (stated !== sum) throw new Error(`header at ${position} has a wrong checksum`);
  const size = readNumber(header.subarray(124, 136));
  if (size === null) throw new Error(`header at ${position} has no size`);
  const prefix = header.subarray(257, 262).toString('latin1') === 'ustar' && header[262] === 0 ? readText(header.subarray(345, 500)) : '';
  const name = readText(header.subarray(0, 100));
  const type = String.fromCharCode(header[156] ?? 0);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    link: readText(header.subarray(157, 257)),
    size: '123456'.includes(type) ? 0 : size, // links, devices, directories and FIFOs have no data
    type: type === '\0' || type === '7' ? '0' : type,
  };
}

function readText(field: Buffer): string {
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? field.length : end).toString('utf8');
}

function readOctal(field: Buffer): number | null {
  const text = readText(field).trim();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : null;
}

/** Octal text, or GNU's base-256 for more than 8 GiB. */
function readNumber(field: Buffer): number | null {
  if (((field[0] ?? 0) & 0x80) === 0) return readOctal(field);
  let value = (field[0] ?? 0) & 0x7f;
  for (const byte of field.subarray(1)) value = value * 256 + byte;
  return Number.isSafeInteger(value) ? value : null;
}

/** A GNU long name or link, or the records of a PAX header that change where we look. */
function readExtension(type: string, data: Buffer): Extension {
  if (type === 'L') return { name: boundedName(readText(data)) };
  if (type === 'K') return { link: boundedName(readText(data)) };
  let found: Extension = {};
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const length = Number(data.subarray(at, space < 0 ? at : space).toString('latin1'));
    if (space < 0 || !Number.isSafeInteger(length) || length <= space - at || at + length > data.length)
      throw new Error('a PAX record has a wrong length');
    const record = data.subarray(space + 1, at + length - 1).toString('utf8');
    const equals = record.indexOf('=');
    const value = record.slice(equals + 1);
    const key = record.slice(0, equals);
    if (key === 'path') found = { ...found, name: boundedName(value) };
    if (key === 'linkpath') found = { ...found, link: boundedName(value) };
    if (key === 'size') {
      if (!/^\d{1,15}$/.test(value)) throw new Error('a PAX size is no number');
      found = { ...found, size: Number(value) };
    }
    at += length;
  }
  return found;
}

function boundedName(name: string): string {
  if (Buffer.byteLength(name) > bounds.nameBytes) throw new Error(`a name is longer than ${bounds.nameBytes} bytes`);
  return name;
}

/** Without `./` in front; a name that leaves the archive names nothing. */
function cleanName(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? '' : parts.join('/');
}

function resolveInside(directory: string, link: string): string {
  const parts: string[] = directory === '' ? [] : directory.split('/');
  for (const part of link.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
