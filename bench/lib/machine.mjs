/** What a command costs the whole machine, and what this machine is. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

export function machine() {
  return {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? '',
    kernel: execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim(),
    node: process.version,
  };
}

/** Seconds all cores were busy since boot: user, nice, system, irq, softirq, steal of /proc/stat (proc(5)), in ticks of 10 ms. */
export function busySeconds() {
  const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].split(/\s+/).map(Number);
  return (user + nice + system + irq + softirq + steal) / 100;
}

/** Waits until all cores together were busy for less than 5 % of half a second: what runs beside us would be charged to whoever is measured. Gives up after twenty seconds, with a word. */
export async function untilIdle() {
  for (let tries = 0; tries < 40; tries += 1) {
    const before = busySeconds();
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (busySeconds() - before < 0.025 * cpus().length) return;
  }
  console.error('this machine does not come to rest: figures are too high');
}

/** Looks every 25 ms at the resident memory of all processes below `roots` and of these themselves; `stop` returns the most they had together, in MiB. Pages that processes share count for each. */
export function watchMemory(roots) {
  let peakKiB = 0;
  const look = () => {
    let sum = 0;
    for (const pid of withDescendants(roots)) sum += residentKiB(pid);
    peakKiB = Math.max(peakKiB, sum);
  };
  const timer = setInterval(look, 25);
  return {
    add: (pid) => roots.push(pid),
    stop: () => {
      look();
      clearInterval(timer);
      return peakKiB / 1024;
    },
  };
}

function withDescendants(roots) {
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // The command's name may hold spaces and brackets; the parent is the second field behind it.
    const parent = Number(textOf(`/proc/${name}/stat`).split(') ').at(-1)?.split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = new Set(roots);
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child);
  return found;
}

function residentKiB(pid) {
  return Number(/^VmRSS:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0);
}

/** Empty when the process is gone. */
function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return { n: sorted.length, median: sorted[Math.floor(sorted.length / 2)], min: sorted[0], max: sorted.at(-1), values };
}
