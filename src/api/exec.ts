/** Both ends of an exec over an upgraded connection; the frames are described in `frames.ts`. */
import type { Duplex } from 'node:stream';
import { PassThrough, Writable } from 'node:stream';
import type { ExecOptions, ExecSession } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import { decodeJson, encodeFrame, encodeJsonFrame, type Frame, type FrameType, readFrames, writeFully } from './frames.ts';
import { asRecord, badRequest, fromProblem, type Problem, toProblem } from './protocol.ts';
import { endOf, passOn } from './pump.ts';

/** Largest piece of output in one frame. */
const pieceBytes = 256 * 1024;
const SIGHUP = 1;

export type ExecTarget = Pick<ExecOptions, 'namespace' | 'name'>;

// -------------------------------------------------------------------------------------------------------------------- server

/** Serves one exec until its end. A failure before the start is an `error` frame; a client that leaves hangs up on the process. Never rejects. */
export async function serveExec(
  socket: Duplex,
  head: Buffer,
  target: ExecTarget,
  exec: (options: ExecOptions) => Promise<ExecSession>,
): Promise<void> {
  socket.on('error', () => undefined); // seen as the end of the stream
  const frames = readFrames(socket, head);
  try {
    const session = await exec(await readOpen(frames, target));
    await writeFully(socket, encodeFrame('opened', new Uint8Array()));
    await runSession(socket, frames, session);
  } catch (error) {
    await writeFully(socket, encodeJsonFrame('error', toProblem(error)));
  } finally {
    socket.end();
  }
}

async function readOpen(frames: AsyncGenerator<Frame, void>, target: ExecTarget): Promise<ExecOptions> {
  const first = await frames.next();
  if (first.done || first.value.type !== 'open') throw badRequest('an exec begins with an open frame');
  return { ...parseExec(parsedJson(first.value)), ...target };
}

function parsedJson(frame: Frame): unknown {
  try {
    return decodeJson(frame);
  } catch (cause) {
    throw new TsdockError('JSON001', { message: `the ${frame.type} frame is not JSON`, cause });
  }
}

function parseExec(value: unknown): Omit<ExecOptions, keyof ExecTarget> {
  const open = asRecord(value, 'open');
  const argv = open.argv;
  if (!Array.isArray(argv) || argv.length === 0 || !argv.every(isText)) throw badRequest('argv must be a list of at least one text');
  const env = asRecord(open.env ?? {}, 'env');
  if (!Object.values(env).every(isText)) throw badRequest('env must be a map of texts');
  return {
    argv,
    env: env as Readonly<Record<string, string>>,
    cwd: textOrNull(open.cwd, 'cwd'),
    user: textOrNull(open.user, 'user'),
    terminal: open.terminal == null ? null : parseSize(open.terminal),
    stdin: open.stdin === true,
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');

function textOrNull(value: unknown, at: string): string | null {
  if (value === undefined || value === null) return null;
  if (!isText(value)) throw badRequest(`${at} must be a text`);
  return value;
}

function parseSize(value: unknown): { readonly cols: number; readonly rows: number } {
  const { cols, rows } = asRecord(value, 'terminal');
  if (!isSize(cols) || !isSize(rows)) throw badRequest('terminal needs cols and rows, 1 to 65535');
  return { cols, rows };
}

const isSize = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65535;

async function runSession(socket: Duplex, frames: AsyncGenerator<Frame, void>, session: ExecSession): Promise<void> {
  let over = false;
  const hangUp = async () => {
    session.stdin?.end();
    if (!over) await session.signal(SIGHUP).catch(() => undefined); // it may have ended meanwhile
  };
  // A client never ends its side while it waits: the end of its frames is its leaving, a frame it may not send is treated the same.
  feedSession(frames, session).then(hangUp, hangUp);
  const send = (type: FrameType, output: NodeJS.ReadableStream) => passOn(output, (bytes) => sendPieces(socket, type, bytes));
  const outputs = [send('stdout', session.stdout), ...(session.stderr === null ? [] : [send('stderr', session.stderr)])];
  const code = await endOf(session, outputs);
  over = true;
  await writeFully(socket, encodeJsonFrame('exit', { code }));
}

/** Hands what the client sends to the process. Its own stdin being full holds up the client and nobody else. */
async function feedSession(frames: AsyncGenerator<Frame, void>, session: ExecSession): Promise<void> {
  session.stdin?.on('error', () => undefined); // the process closed its stdin: what comes later is dropped
  for await (const frame of frames) {
    if (frame.type === 'stdin' && session.stdin !== null) await writeFully(session.stdin as Writable, frame.payload);
    else if (frame.type === 'stdin-end') session.stdin?.end();
    else if (frame.type === 'resize') {
      const { cols, rows } = parseSize(parsedJson(frame));
      await session.resize(cols, rows).catch(() => undefined); // ended meanwhile
    } else if (frame.type === 'signal') {
      const { signal } = asRecord(parsedJson(frame), 'signal');
      if (!Number.isInteger(signal)) throw badRequest('signal must be a number');
      await session.signal(Number(signal)).catch(() => undefined);
    }
  }
}

async function sendPieces(socket: Duplex, type: FrameType, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; at += pieceBytes)
    await writeFully(socket, encodeFrame(type, bytes.subarray(at, at + pieceBytes)));
}

// -------------------------------------------------------------------------------------------------------------------- client

/** The client's end on an upgraded connection. Resolves when the process started; rejects with what the engine says. */
export async function openExec(socket: Duplex, head: Buffer, options: ExecOptions): Promise<ExecSession> {
  socket.on('error', () => undefined); // seen as the end of the stream
  const { namespace: _namespace, name: _name, ...open } = options;
  await writeFully(socket, encodeJsonFrame('open', open));
  const frames = readFrames(socket, head);
  const first = await frames.next();
  if (first.done) throw connectionLost();
  if (first.value.type === 'error') throw fromProblem(decodeJson(first.value) as Problem);
  const stdout = new PassThrough();
  const stderr = options.terminal === null ? new PassThrough() : null;
  const ended = receive(frames, stdout, stderr).finally(() => {
    stdout.end();
    stderr?.end();
    socket.destroy();
  });
  ended.catch(() => undefined); // told by wait()
  return {
    stdin: options.stdin ? stdinOf(socket) : null,
    stdout,
    stderr,
    resize: async (cols, rows) => void (await writeFully(socket, encodeJsonFrame('resize', { cols, rows }))),
    signal: async (signal) => void (await writeFully(socket, encodeJsonFrame('signal', { signal }))),
    wait: () => ended,
  };
}

async function receive(frames: AsyncGenerator<Frame, void>, stdout: PassThrough, stderr: PassThrough | null): Promise<number> {
  for await (const frame of frames) {
    if (frame.type === 'stdout') await writeFully(stdout, frame.payload);
    else if (frame.type === 'stderr' && stderr !== null) await writeFully(stderr, frame.payload);
    else if (frame.type === 'exit') return (decodeJson(frame) as { readonly code: number }).code;
    else if (frame.type === 'error') throw fromProblem(decodeJson(frame) as Problem);
  }
  throw connectionLost();
}

function stdinOf(socket: Duplex): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      sendPieces(socket, 'stdin', chunk).then(() => done(), done);
    },
    final: (done) => {
      writeFully(socket, encodeFrame('stdin-end', new Uint8Array())).then(() => done(), done);
    },
  });
}

const connectionLost = () => new TsdockError('CLI001', { message: 'the daemon closed the connection', hint: 'tsdock status' });
