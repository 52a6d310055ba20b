/**
 * Frames of an upgraded exec, both ways: one byte type, four bytes length (big endian), payload. The client opens with `open`; the server answers `opened` or
 * `error`, then both send what belongs to them until `exit` or `error`, which end the connection.
 */
import type { Duplex, Writable } from 'node:stream';
import { badRequest } from './protocol.ts';

/** Name in the `Upgrade` header of both sides. */
export const execProtocol = 'tsdock-exec';

const frameTypes = ['open', 'opened', 'stdin', 'stdin-end', 'stdout', 'stderr', 'resize', 'signal', 'exit', 'error'] as const;
export type FrameType = (typeof frameTypes)[number];

export interface Frame {
  readonly type: FrameType;
  readonly payload: Buffer;
}

const headerBytes = 5;
/** Larger frames are refused; senders cut their data below it. */
const maxPayloadBytes = 1024 * 1024;

export function encodeFrame(type: FrameType, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + payload.byteLength);
  frame.writeUInt8(frameTypes.indexOf(type), 0);
  frame.writeUInt32BE(payload.byteLength, 1);
  frame.set(payload, headerBytes);
  return frame;
}

export const encodeJsonFrame = (type: FrameType, value: unknown): Buffer => encodeFrame(type, Buffer.from(JSON.stringify(value)));
export const decodeJson = (frame: Frame): unknown => JSON.parse(frame.payload.toString('utf8'));

/** Frames as they arrive, `head` first; reading on is what lets the peer send on. Throws API400 on an unknown type or a frame over 1 MiB. */
export async function* readFrames(socket: Duplex, head: Buffer): AsyncGenerator<Frame, void, undefined> {
  let pending = head;
  for (;;) {
    for (let frame = takeFrame(pending); frame !== null; frame = takeFrame(pending)) {
      pending = pending.subarray(headerBytes + frame.payload.byteLength);
      yield frame;
    }
    const chunk = await nextChunk(socket);
    if (chunk === null) return;
    pending = pending.byteLength === 0 ? chunk : Buffer.concat([pending, chunk]);
  }
}

function takeFrame(bytes: Buffer): Frame | null {
  if (bytes.byteLength < headerBytes) return null;
  const type = frameTypes[bytes.readUInt8(0)];
  const length = bytes.readUInt32BE(1);
  if (type === undefined || length > maxPayloadBytes) throw badRequest(`not a frame of ${execProtocol}`);
  if (bytes.byteLength < headerBytes + length) return null;
  return { type, payload: bytes.subarray(headerBytes, headerBytes + length) };
}

/** The next bytes of a stream; null at its end, also when it was torn. */
async function nextChunk(socket: Duplex): Promise<Buffer | null> {
  for (;;) {
    const chunk: unknown = socket.read();
    if (chunk !== null) return chunk as Buffer;
    if (socket.readableEnded || socket.destroyed) return null;
    await once(socket, ['readable', 'end', 'close', 'error']);
  }
}

/** Writes and waits while the stream is full. False when it was closed. */
export async function writeFully(stream: Writable, bytes: Uint8Array): Promise<boolean> {
  if (stream.destroyed || stream.writableEnded) return false;
  if (!stream.write(bytes)) await once(stream, ['drain', 'close', 'error']);
  return !stream.destroyed;
}

/** Resolves at the first of the named events, errors included: the caller looks at the stream afterwards. */
function once(stream: Duplex | Writable, events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of events) stream.removeListener(event, done);
      resolve();
    };
    for (const event of events) stream.on(event, done);
  });
}
