/**
 * One look for all who ask before it begins: a caller never gets facts from before its call, and a loop that observes fifty keys at once asks the native side once.
 */
export function together<T>(look: () => Promise<T>): () => Promise<T> {
  let next: Promise<T> | null = null;
  return () => {
    next ??= Promise.resolve().then(() => {
      next = null;
      return look();
    });
    return next;
  };
}
