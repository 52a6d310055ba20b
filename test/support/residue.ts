import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Everything an engine with one prefix and one pair of directories may have made on the host, by kind. */
export interface Ledger {
  readonly mounts: readonly string[];
  readonly links: readonly string[];
  readonly tables: readonly string[];
  readonly addresses: readonly string[];
  readonly cgroups: readonly string[];
  readonly processes: readonly string[];
  readonly files: readonly string[];
  /** Clear secrets. */
  readonly memory: readonly string[];
}

export interface LedgerScope {
  /** Runs a program inside the test's network namespace and returns its output. */
  readonly inNetwork: (command: string, args: readonly string[]) => string;
  readonly prefix: string;
  readonly runDir: string;
  readonly stateDir: string;
}

/** Reads the ledger from kernel and disk; asks nothing of the engine. */
export function takeLedger(scope: LedgerScope): Ledger {
  return {
    mounts: mountsNaming([scope.runDir, scope.stateDir]),
    links: linkNames(scope.inNetwork('ip', ['-j', 'link'])),
    tables: tableNames(scope.inNetwork('nft', ['-j', 'list', 'tables'])),
    addresses: addresses(scope.inNetwork('ip', ['-j', 'addr'])),
    cgroups: cgroupsNamed(scope.prefix),
    processes: engineProcesses(scope.runDir).map(({ pid, command }) => `${pid} ${command}`),
    files: [...leftFiles(join(scope.stateDir, 'upper')), ...leftFiles(join(scope.runDir, 'containers'))],
    memory: readdirSync('/dev/shm').filter((name) => name.startsWith(`${scope.prefix}-`)),
  };
}

/** Lines `kind: thing` for what is in `after` and was not in `before`. */
export function residue(before: Ledger, after: Ledger): string[] {
  const lines: string[] = [];
  for (const kind of Object.keys(after) as (keyof Ledger)[]) {
    const known = new Set(before[kind]);
    for (const item of after[kind]) if (!known.has(item)) lines.push(`${kind}: ${item}`);
  }
  return lines;
}

/** Mount points of every process' namespace that name one of our directories. */
function mountsNaming(directories: readonly string[]): string[] {
  const found = new Set<string>();
  for (const pid of pids()) {
    const table = readOrEmpty(`/proc/${pid}/mountinfo`);
    for (const line of table.split('\n')) {
      if (directories.some((directory) => line.includes(directory))) found.add(line.split(' ').slice(3).join(' '));
    }
  }
  return [...found];
}

interface IpLink {
  readonly ifname: string;
  readonly addr_info?: readonly { readonly local: string }[];
}

function linkNames(json: string): string[] {
  return (JSON.parse(json) as IpLink[]).map((link) => link.ifname);
}

function addresses(json: string): string[] {
  return (JSON.parse(json) as IpLink[]).flatMap((link) => (link.addr_info ?? []).map((address) => `${link.ifname} ${address.local}`));
}

function tableNames(json: string): string[] {
  const { nftables } = JSON.parse(json) as { nftables: { table?: { family: string; name: string } }[] };
  return nftables.flatMap((entry) => (entry.table === undefined ? [] : [`${entry.table.family} ${entry.table.name}`]));
}

function cgroupsNamed(prefix: string): string[] {
  // Its exit code tells of directories of other tests that vanished under it.
  const output = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', prefix], { encoding: 'utf8' }).stdout;
  return output.split('\n').filter((line) => line !== '');
}

/** Processes that name `directory` in their command line or hold a file below it: what an engine with that run directory started. */
export function engineProcesses(directory: string): { readonly pid: number; readonly command: string }[] {
  return pids().flatMap((pid) => {
    const command = readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    const ours = command.includes(directory) || descriptorsInto(pid, directory);
    return ours ? [{ pid: Number(pid), command: command || readOrEmpty(`/proc/${pid}/comm`).trim() }] : [];
  });
}

function descriptorsInto(pid: string, directory: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => linkOrEmpty(`/proc/${pid}/fd/${fd}`).startsWith(directory));
  } catch {
    return false;
  }
}

function leftFiles(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}

function pids(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function linkOrEmpty(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
