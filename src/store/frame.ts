import { crc32 } from 'node:zlib';

/** Version of the frame around every value: byte 0. Bytes 1 to 4 are the CRC-32 (big endian) of the JSON that follows. */
export const frameVersion = 1;

const headerBytes = 5;

/** Frames a value for the store. */
export function encodeFrame(value: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(value, withoutCollections), 'utf8');
  const frame = Buffer.allocUnsafe(headerBytes + json.length);
  frame.writeUInt8(frameVersion, 0);
  frame.writeUInt32BE(crc32(json), 1);
  json.copy(frame, headerBytes);
  return frame;
}

export type Decoded = { readonly is: 'value'; readonly value: unknown } | { readonly is: 'corrupt'; readonly reason: string };

/** Opens a frame; never throws. */
export function decodeFrame(frame: Uint8Array): Decoded {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  if (bytes.length < headerBytes) return { is: 'corrupt', reason: `frame of ${bytes.length} bytes` };
  const version = bytes.readUInt8(0);
  if (version !== frameVersion) return { is: 'corrupt', reason: `frame version ${version}` };
  const json = bytes.subarray(headerBytes);
  if (crc32(json) !== bytes.readUInt32BE(1)) return { is: 'corrupt', reason: 'checksum' };
  try {
    return { is: 'value', value: JSON.parse(json.toString('utf8')) };
  } catch (error) {
    return { is: 'corrupt', reason: error instanceof Error ? error.message : 'no JSON' };
  }
}

/** JSON would silently turn a Map or Set into `{}` and drop what it holds. */
function withoutCollections(key: string, value: unknown): unknown {
  if (value instanceof Map || value instanceof Set) throw new TypeError(`a ${value.constructor.name} cannot be stored (field ${key})`);
  return value;
}
