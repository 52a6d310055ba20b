import { type ErrorFields, NativeError, nativeError } from './error.ts';

/** What the addon's promises resolve with: `{"ok"}` or `{"error"}`. */
type Reply<T> = { readonly ok: T; readonly error?: undefined } | { readonly error: ErrorFields };

/** The value of a reply; its error is thrown as a NativeError. */
export async function replied<T>(reply: Promise<string>): Promise<T> {
  const text = await reply;
  const value = JSON.parse(text) as Reply<T>;
  if (value.error !== undefined) throw new NativeError(value.error);
  return value.ok;
}

/** Runs a call that throws; what it throws becomes a NativeError. */
export function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw nativeError(error);
  }
}
