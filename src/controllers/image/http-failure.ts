/** Why an exchange failed before there was an answer, in one line for people. */
import { isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { RegistryError } from '../../model/errors.ts';
import { formatInstant } from '../../model/time.ts';
import { errnoOf } from './files.ts';

const plainHttpCodes = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST', 'EPROTO']);
const certificateReasons: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an unknown authority (self-signed root)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an unknown authority',
  CERT_UNTRUSTED: 'is not trusted',
  CERT_REVOKED: 'is revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
  CERT_SIGNATURE_FAILURE: 'has a bad signature',
};

export interface FailedExchange {
  readonly url: URL;
  /** What stood in between; null: nothing. */
  readonly proxy: URL | null;
  readonly timeoutMs: number;
}

/** TLS001, TLS002, REG020 or REG030. */
export async function describeFailure(error: unknown, { url, proxy, timeoutMs }: FailedExchange): Promise<Error> {
  const code = codeOf(error);
  const host = url.host;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const end = proxy !== null ? null : await certificateDate(url, code === 'CERT_HAS_EXPIRED' ? 'valid_to' : 'valid_from', timeoutMs);
    const what =
      code === 'CERT_HAS_EXPIRED' ? `expired${end === null ? '' : ` ${end}`}` : `is not valid${end === null ? ' yet' : ` before ${end}`}`;
    return new RegistryError('TLS001', { message: `certificate of ${host} ${what} (${localClock()})`, cause: error });
  }
  const reason = certificateReasons[code];
  if (reason !== undefined)
    return new RegistryError('TLS001', {
      message: `certificate of ${host} ${reason} (${localClock()})`,
      ...(/authority|self-signed/.test(reason) ? { hint: `if you trust it, put it into "ca" of a Registry for ${host}` } : {}),
      cause: error,
    });
  if (code === 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' || code === 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE')
    return new RegistryError('TLS001', {
      message: `${host} wants a client certificate`,
      hint: `"clientCertificate" of a Registry for ${host}`,
      cause: error,
    });
  if (plainHttpCodes.has(code)) {
    return new RegistryError('TLS002', {
      message: `${host} answers plain HTTP`,
      hint: `Registry "${host}" with "insecure: true" if you trust that network`,
      cause: error,
    });
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return new RegistryError('REG020', { message: `${host} answered with headers of more than 32 KiB`, cause: error });
  if (code.startsWith('HPE_')) return new RegistryError('REG020', { message: `${host} does not speak HTTP (${code})`, cause: error });
  return new RegistryError('REG030', {
    message: `cannot connect to ${host}${proxy === null ? '' : ` through proxy ${proxy.host}`}: ${connectReason(error, code)}`,
    cause: error,
  });
}

/** Of a failure, or of the last of several addresses that were tried side by side. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(errnoOf).find((code) => code !== null) ?? '';
  return errnoOf(error) ?? '';
}

function connectReason(error: unknown, code: string): string {
  const refusal = /Proxy response \((\d+)\)/.exec(error instanceof Error ? error.message : '')?.[1];
  if (refusal !== undefined) return `it answers ${refusal}${refusal === '407' ? ', which wants a login in the URL of the proxy' : ''}`;
  const known: Readonly<Record<string, string>> = {
    ENOTFOUND: 'the resolver knows no such host (ENOTFOUND)',
    EAI_AGAIN: 'the resolver does not answer (EAI_AGAIN)',
    ECONNREFUSED: 'connection refused (ECONNREFUSED)',
    EHOSTUNREACH: 'no route to it (EHOSTUNREACH)',
    ENETUNREACH: 'no route to it (ENETUNREACH)',
    ECONNRESET: 'connection reset (ECONNRESET)',
    UND_ERR_SOCKET: 'the connection was closed before an answer',
    UND_ERR_CONNECT_TIMEOUT: 'no connection within the time limit',
  };
  return known[code] ?? (code === '' ? String(error instanceof Error ? error.message : error) : code);
}

function localClock(): string {
  return `local clock ${formatInstant(Date.now()).slice(0, 16).replace('T', ' ')} UTC`;
}

/** Asks the server for its certificate once more, only to read a date; nothing is sent over that connection. Null when that fails. */
function certificateDate(url: URL, field: 'valid_to' | 'valid_from', timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket = connectTls({
      host,
      port: Number(url.port || 443),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: false,
      timeout: timeoutMs,
    });
    const end = (date: string | null): void => {
      socket.destroy();
      resolve(date);
    };
    socket.on('secureConnect', () => {
      const date = new Date(socket.getPeerCertificate()[field]);
      end(Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 10));
    });
    socket.on('error', () => end(null));
    socket.on('timeout', () => end(null));
  });
}

export function describeMs(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}
