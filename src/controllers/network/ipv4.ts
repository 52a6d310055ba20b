/** A range of IPv4 addresses as numbers: `first` is the network address, `last` the broadcast address. */
export interface Subnet {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

/** `10.88.0.1` as a number; null for anything that is not four decimal bytes. Pure. */
export function parseAddress(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let value = 0;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** `10.88.7.0/24`, host bits ignored; a plain address counts as /32; null for anything else, IPv6 included. Pure. */
export function parseSubnet(text: string): Subnet | null {
  const [address = '', prefixText = '32', ...rest] = text.split('/');
  const value = parseAddress(address);
  const prefix = Number(prefixText);
  if (value === null || rest.length > 0 || !/^\d{1,2}$/.test(prefixText) || prefix > 32) return null;
  return subnetAt(value, prefix);
}

/** The subnet of this size that contains the address. */
export function subnetAt(address: number, prefix: number): Subnet {
  const size = 2 ** (32 - prefix);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1, prefix };
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet.first)}/${subnet.prefix}`;
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.first <= b.last && b.first <= a.last;
}
