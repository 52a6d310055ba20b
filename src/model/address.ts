/** An IPv4 network: `base` has no host bits, both numbers unsigned 32 bit. */
export interface Cidr {
  readonly base: number;
  readonly prefix: number;
}

/** Unsigned 32 bit number of a dotted quad; null for anything else, leading zeros included (some readers take them for octal). */
export function parseAddress(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  if (parts === undefined || parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith('0')))) return null;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** Reads `10.5.0.0/24`. `hostBits` tells that the address was not the network's own; the result is masked either way. Null for anything else. */
export function parseCidr(text: string): { readonly cidr: Cidr; readonly hostBits: boolean } | null {
  const groups = /^(?<address>[0-9.]+)\/(?<prefix>\d{1,2})$/.exec(text)?.groups;
  const address = groups?.address === undefined ? null : parseAddress(groups.address);
  const prefix = Number(groups?.prefix);
  if (address === null || !(prefix <= 32)) return null;
  const base = (address & maskOf(prefix)) >>> 0;
  return { cidr: { base, prefix }, hostBits: base !== address };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr.base)}/${cidr.prefix}`;
}

export function sizeOf(cidr: Cidr): number {
  return 2 ** (32 - cidr.prefix);
}

export function containsAddress(cidr: Cidr, address: number): boolean {
  return (address & maskOf(cidr.prefix)) >>> 0 === cidr.base;
}

export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return inner.prefix >= outer.prefix && containsAddress(outer, inner.base);
}

export function overlaps(left: Cidr, right: Cidr): boolean {
  return containsCidr(left, right) || containsCidr(right, left);
}

function maskOf(prefix: number): number {
  return prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
}
