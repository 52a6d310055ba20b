import type { Instant, ResourceKey } from './resource.ts';

interface CodeFacts {
  readonly retryable: boolean;
  readonly exit: number;
  readonly http: number;
}

const row = (retryable: boolean, exit: number, http: number): CodeFacts => ({ retryable, exit, http });

/** Every code that is thrown (diagnostics of manifests have their own in manifest/diagnostic.ts): retryable, exit code, HTTP status. */
export const errorCodes = {
  INTERNAL: row(true, 1, 500),
  MANIFEST: row(false, 3, 422), // carries diagnostics
  IMG001: row(false, 3, 422), // reference typed by hand: upper case
  IMG002: row(false, 3, 422), // digest, tag or name
  IMG003: row(false, 3, 422), // a URL
  IMG010: row(false, 1, 422), // no such platform
  IMG011: row(false, 1, 422), // an artifact, not an image
  IMG012: row(false, 1, 422), // schema 1
  IMG013: row(false, 1, 422), // ambiguous manifest
  IMG020: row(false, 1, 422), // unpacks to too much
  IMG021: row(false, 1, 422), // entry points outside
  IMG022: row(false, 1, 422), // layer or archive malformed
  IMG030: row(false, 6, 409), // image in use
  IMG040: row(true, 1, 422), // no signature
  IMG041: row(true, 1, 422), // no signature that counts
  IMG031: row(false, 6, 409), // an archive claims a name that stands for something else
  IMG032: row(false, 1, 422), // something of a stored image is missing or damaged
  IMG033: row(false, 1, 409), // nothing may be collected: it is not known what is needed
  REG401: row(true, 1, 502),
  REG403: row(true, 1, 502),
  REG404: row(true, 1, 404),
  REG429: row(true, 1, 503),
  REG503: row(true, 1, 502),
  REG010: row(true, 1, 502), // digest mismatch
  REG011: row(true, 1, 502), // cut off
  REG012: row(true, 1, 502), // stalled
  REG020: row(true, 1, 502), // HTML instead of a manifest
  REG021: row(false, 1, 502), // realm elsewhere
  REG030: row(true, 1, 502), // cannot connect
  TLS001: row(true, 1, 502),
  TLS002: row(false, 1, 502),
  DSK001: row(true, 1, 507),
  DSK002: row(true, 1, 507),
  NET001: row(false, 1, 409),
  NET010: row(true, 1, 500), // kernel refused a link, address or rule
  PRT010: row(true, 1, 409), // host port busy
  VOL001: row(true, 1, 409), // bind source missing
  VOL010: row(true, 1, 500),
  CFG010: row(true, 1, 500),
  CFG003: row(false, 7, 409), // immutable
  SEC010: row(true, 1, 500), // no key, or no memory to keep clear values in
  SEC011: row(true, 1, 422), // cannot be opened
  SEC012: row(false, 1, 422), // not a generated value
  SEC013: row(false, 1, 422), // no variable can hold it
  SEC014: row(false, 1, 422), // a manifest that cannot be edited in place
  SEC015: row(false, 1, 422), // nobody to encrypt for
  RUN010: row(false, 1, 422), // unknown user
  RUN020: row(true, 1, 500), // start failed below exec
  RUN030: row(true, 1, 500), // cannot be stopped
  RUN126: row(false, 1, 422),
  RUN127: row(false, 1, 422),
  CLI001: row(true, 8, 503),
  CLI002: row(false, 8, 403),
  CLI010: row(false, 64, 400),
  CLI011: row(false, 1, 404),
  CLI020: row(false, 1, 409),
  CLI021: row(false, 1, 404),
  CLI022: row(false, 6, 409),
  CLI024: row(false, 7, 409), // data would be lost
  CLI025: row(false, 7, 409), // protected or mass deletion
  CLI030: row(false, 6, 409), // owned by another set
  DMN001: row(true, 6, 409),
  DMN002: row(false, 1, 500),
  DMN010: row(false, 1, 500),
  DMN011: row(true, 1, 503),
  DMN021: row(false, 7, 409),
  DMN030: row(false, 1, 500),
  JSON001: row(false, 1, 400), // a request's body
  API400: row(false, 1, 400),
  API403: row(false, 1, 403),
  API404: row(false, 1, 404),
  API405: row(false, 1, 405),
  API013: row(false, 1, 413),
  TIMEOUT: row(false, 4, 504), // not ready in time
  ABORTED: row(true, 130, 499),
} as const satisfies Record<string, CodeFacts>;

export type ErrorCode = keyof typeof errorCodes;

/** What a MANIFEST error carries of each diagnostic of `manifest/diagnostic.ts`; null: not known. Lines and columns count from 1. */
export interface DiagnosticFacts {
  readonly severity: 'error' | 'warning' | 'note';
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
}

export interface ErrorFields {
  /** One line: subject, what was wanted, what was found. Values quoted and cut; never a secret. */
  readonly message: string;
  readonly hint?: string;
  readonly key?: ResourceKey;
  readonly cause?: unknown;
  /** All that is wrong with the input, for MANIFEST. */
  readonly diagnostics?: readonly DiagnosticFacts[];
}

/** Everything the world does to us. What an author of a manifest gets wrong is a Diagnostic instead. */
export class TsdockError extends Error {
  override readonly name: string = 'TsdockError';
  readonly code: ErrorCode;
  readonly hint: string | null;
  readonly key: ResourceKey | null;
  readonly diagnostics: readonly DiagnosticFacts[];
  constructor(code: ErrorCode, fields: ErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = code;
    this.hint = fields.hint ?? null;
    this.key = fields.key ?? null;
    this.diagnostics = fields.diagnostics ?? [];
  }
}

/** A failed exchange with a registry. `retryAt` is when the registry allows the next try, null when it did not say. */
export class RegistryError extends TsdockError {
  override readonly name = 'RegistryError';
  readonly status: number | null;
  readonly retryAt: Instant | null;
  constructor(code: ErrorCode, fields: ErrorFields & { readonly status?: number; readonly retryAt?: Instant | null }) {
    super(code, fields);
    this.status = fields.status ?? null;
    this.retryAt = fields.retryAt ?? null;
  }
}

/** Whether trying again without a change can help. Unknown errors are bugs: retried with back-off, reported as INTERNAL. */
export function isRetryable(error: unknown): boolean {
  return error instanceof TsdockError ? errorCodes[error.code].retryable : true;
}

/** `error[CODE]: message; hint: …` as every surface prints it. */
export function describeError(error: unknown): string {
  if (error instanceof TsdockError) return `error[${error.code}]: ${error.message}${error.hint === null ? '' : `; hint: ${error.hint}`}`;
  return `error[INTERNAL]: ${error instanceof Error ? error.message : String(error)}`;
}
