import { usage } from './command.ts';

/** Items by the value at a path, numbers by size and texts as people count (`web-2` before `web-10`); a `-` before the path turns the order. CLI010 where no item has it. */
export async function sortItems<T>(items: readonly T[], by: string | null, dataOf: (item: T) => unknown): Promise<readonly T[]> {
  if (by === null || items.length === 0) return items;
  const { valuesOf } = await import('./jsonpath.ts');
  const descending = by.startsWith('-');
  const path = descending ? by.slice(1) : by;
  const keyed = items.map((item) => ({ item, key: valuesOf(path, dataOf(item))[0] ?? null }));
  if (keyed.every(({ key }) => key === null)) throw usage(`--sort "${by}": no object here has it`, '--sort metadata.createdAt');
  const sign = descending ? -1 : 1;
  return keyed.sort((left, right) => sign * compare(left.key, right.key)).map(({ item }) => item);
}

/** What is not there comes first. */
function compare(left: unknown, right: unknown): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return String(left).localeCompare(String(right), 'en', { numeric: true });
}
