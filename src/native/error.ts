/** A failed native call. `code` is an errno name (`ENOENT`) or `E_…`; `step` names the part of the operation, e.g. `rootfs.overlay`. */
export class NativeError extends Error {
  override readonly name = 'NativeError';
  readonly code: string;
  readonly syscall: string | null;
  readonly step: string | null;
  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super(fields.message, options);
    this.code = fields.code;
    this.syscall = fields.syscall;
    this.step = fields.step;
  }
}

export interface ErrorFields {
  readonly code: string;
  readonly syscall: string | null;
  readonly step: string | null;
  readonly message: string;
}

/** What the addon throws carries the fields as JSON in its message; anything else is passed on as `E_NATIVE`. */
export function nativeError(thrown: unknown): NativeError {
  if (thrown instanceof NativeError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new NativeError(parseFields(message) ?? { code: 'E_NATIVE', syscall: null, step: null, message }, { cause: thrown });
}

function parseFields(text: string): ErrorFields | null {
  try {
    const value = JSON.parse(text) as Partial<ErrorFields> | null;
    if (typeof value?.code !== 'string' || typeof value.message !== 'string') return null;
    return { code: value.code, syscall: value.syscall ?? null, step: value.step ?? null, message: value.message };
  } catch {
    return null;
  }
}
