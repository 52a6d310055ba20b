/** `2.1 GiB`, `12 MiB`, `300 KiB`: two or three digits, for people. */
export function showSize(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1).replace(/\.0$/, '')} ${units[unit]}`;
}

/** `85%` of a share in [0, 1], for people. */
export function showShare(share: number): string {
  return `${Math.round(share * 100)}%`;
}
