/** One unary call of grpc.health.v1.Health/Check over HTTP/2 without TLS: github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md and doc/health-checking.md. */
import { connect, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2';
import type { ProbeResult } from './machine.ts';

/** HealthCheckResponse.ServingStatus. */
const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
/** Status codes that a health service answers with; others are named by their number. */
const grpcCodes: Readonly<Record<string, string>> = {
  4: 'DEADLINE_EXCEEDED',
  5: 'NOT_FOUND',
  12: 'UNIMPLEMENTED',
  14: 'UNAVAILABLE',
  16: 'UNAUTHENTICATED',
};
type Facts = IncomingHttpHeaders & IncomingHttpStatusHeader;
/** A health answer has two bytes; no more than this of one is read. */
const maxBytes = 1024;

/** SERVING is success. Settles or rejects soon after `signal` aborts. */
export function checkGrpc(
  { port, service }: { readonly port: number; readonly service: string },
  host: string,
  signal: AbortSignal,
): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://${host}:${port}`);
    const finish = (settle: () => void): void => {
      signal.removeEventListener('abort', abort);
      session.destroy();
      settle();
    };
    const fail = (error: Error): void => finish(() => reject(error));
    const abort = (): void => fail(signal.reason as Error);
    session.on('error', fail); // also after the end: destroying a session may still report one
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const call = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'tsdock-probe',
    });
    const chunks: Buffer[] = [];
    let size = 0;
    // Without a body the status stands in the headers ("Trailers-Only"), else in the trailers.
    let facts: Facts = {};
    call.on('response', (headers) => {
      facts = { ...facts, ...headers };
    });
    call.on('trailers', (trailers) => {
      facts = { ...facts, ...trailers };
    });
    call.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) fail(new Error(`the answer is longer than ${maxBytes} bytes`));
      else chunks.push(chunk);
    });
    call.on('error', fail);
    call.on('end', () => finish(() => resolve(judge(facts, Buffer.concat(chunks)))));
    call.end(frame(request(service)));
  });
}

function judge(facts: Facts, body: Buffer): ProbeResult {
  const status = String(facts['grpc-status'] ?? '');
  const http = Number(facts[':status']);
  if (http !== 200) return { success: false, message: `HTTP status ${http}` };
  if (status !== '0') {
    const code = status === '' ? 'no grpc-status' : (grpcCodes[status] ?? `grpc-status ${status.slice(0, 8)}`);
    return { success: false, message: code };
  }
  const serving = readStatus(body);
  return { success: serving === 1, message: serving === null ? 'no health answer' : (servingStatuses[serving] ?? `status ${serving}`) };
}

/** Length-Prefixed-Message: not compressed, length in four bytes. */
function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** HealthCheckRequest { string service = 1 }; an empty string is not written. */
function request(service: string): Buffer {
  const bytes = Buffer.from(service);
  if (bytes.length === 0) return bytes;
  return Buffer.concat([Buffer.from([0x0a, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** HealthCheckResponse { ServingStatus status = 1 }; absent is 0. Null: not such a message. Fields of later versions are of no concern when they come after it. */
function readStatus(body: Buffer): number | null {
  if (body.length < 5 || body[0] !== 0) return null;
  const message = body.subarray(5, 5 + body.readUInt32BE(1));
  if (message.length === 0) return 0;
  const value = message[1];
  return message[0] === 0x08 && value !== undefined && value < 0x80 ? value : null;
}
