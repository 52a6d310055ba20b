import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Endpoint } from '../../model/observed.ts';
import { isAbsent } from '../../store/files.ts';

/** A socket of the host that keeps a port. */
export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** Rows of /proc/net/{tcp,udp}{,6} that keep a port: TCP in state LISTEN (0A), UDP not connected to one peer (07, tcp_states.h). Pure. */
export function parseSockets(text: string, protocol: 'tcp' | 'udp'): readonly Listener[] {
  const kept = protocol === 'tcp' ? '0A' : '07';
  const listeners: Listener[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [, local = '', remote = '', state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    if (state !== kept || !/^0+:0{4}$/.test(remote)) continue;
    listeners.push({ protocol, address: decodeAddress(address), port: Number.parseInt(port, 16), inode });
  }
  return listeners;
}

/** The listener that keeps an endpoint's host port from being published; the wildcard address meets every other. Pure. */
export function conflictWith(
  endpoint: Pick<Endpoint, 'protocol' | 'hostIP' | 'hostPort'>,
  listeners: readonly Listener[],
): Listener | null {
  const isAny = (address: string) => address === '0.0.0.0' || address === '::';
  const wanted = endpoint.hostIP ?? '0.0.0.0';
  const meets = (address: string) => isAny(wanted) || isAny(address) || address === wanted;
  return (
    listeners.find(
      (listener) => listener.protocol === endpoint.protocol && listener.port === endpoint.hostPort && meets(listener.address),
    ) ?? null
  );
}

/** Listeners of the network namespace the engine lives in. `proc` is where procfs is mounted. */
export async function hostListeners(proc: string): Promise<readonly Listener[]> {
  const files = (['tcp', 'udp'] as const).flatMap((protocol) => ['', '6'].map((version) => ({ protocol, name: `${protocol}${version}` })));
  const lists = await Promise.all(
    files.map(async ({ protocol, name }) => {
      try {
        return parseSockets(await readFile(join(proc, 'net', name), 'utf8'), protocol);
      } catch (error) {
        if (isAbsent(error)) return []; // a kernel without IPv6
        throw error;
      }
    }),
  );
  return lists.flat();
}

/** `nginx (pid 812)`: the process that has the socket open, else what is known. Only asked after a conflict: it walks all descriptors of the host. */
export async function holderOf(listener: Listener, proc: string): Promise<string> {
  const wanted = `socket:[${listener.inode}]`;
  for (const pid of (await readdir(proc)).filter((name) => /^\d+$/.test(name))) {
    if (!(await hasOpen(join(proc, pid, 'fd'), wanted))) continue;
    const name = await readFile(join(proc, pid, 'comm'), 'utf8').catch(() => '');
    return `${name.trim() || 'a process'} (pid ${pid})`;
  }
  return 'a socket of the kernel or of another namespace';
}

/** A process may end while it is looked at: what cannot be read is not the holder. */
async function hasOpen(directory: string, wanted: string): Promise<boolean> {
  const descriptors = await readdir(directory).catch(() => []);
  const targets = await Promise.all(descriptors.map((name) => readlink(join(directory, name)).catch(() => '')));
  return targets.includes(wanted);
}

/** The kernel prints 32-bit words in host order: little-endian on every machine we run on. IPv4 in IPv6 is told as IPv4. */
function decodeAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  const isLoopback = bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1;
  if (isLoopback) return '::1';
  const groups = Array.from({ length: 8 }, (_, group) => (((bytes[2 * group] ?? 0) << 8) | (bytes[2 * group + 1] ?? 0)).toString(16));
  return groups.join(':');
}
