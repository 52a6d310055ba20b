/**
 * First figures: start after rest through a running daemon, 50 published containers applied and deleted, diff of an unchanged file beside a bare Node. Run as root after
 * `npm run build`: `node bench/foundation.mjs [samples]`. Everything happens in a network namespace and directories of its own. Prints a table and writes
 * bench/report/foundation.json.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { addImage, tar } from '../scripts/lib/oci-layout.mjs';
import { checkRoot, root } from '../scripts/lib/setup.mjs';

checkRoot('node bench/foundation.mjs');
const samples = Number(process.argv[2] ?? 30);
const directory = mkdtempSync(join(tmpdir(), 'tsdock-bench-'));
/** A tmpfs, as /run is on a host with an init system of its own: the engine's run directory is made for one. */
const runDirectory = mkdtempSync('/dev/shm/tsdock-bench-');
const namespace = `bench-${process.pid}`;
const environment = {
  ...process.env,
  TSDOCK_STATE_DIR: join(directory, 'state'),
  TSDOCK_RUN_DIR: runDirectory,
  TSDOCK_CONFIG: join(directory, 'config.yaml'),
};
const cli = join(root, 'bin', 'tsdock');
const inside = (command, args) => ['nsenter', [`--net=/run/netns/${namespace}`, command, ...args]];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

execFileSync('ip', ['netns', 'add', namespace]);
execFileSync(...inside('ip', ['link', 'set', 'lo', 'up']));
let daemon = null;
try {
  const image = buildImage();
  writeFileSync(
    join(directory, 'config.yaml'),
    `apiVersion: tsdock/v1\nkind: EngineConfig\nmetadata: {name: engine}\nspec: {prefix: b${process.pid % 100000}}\n`,
  );
  daemon = await startDaemon();
  const report = {
    machine: {
      cpus: cpus().length,
      model: cpus()[0]?.model ?? '',
      kernel: execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim(),
      node: process.version,
    },
    samples,
    measurements: [...(await startAfterRest(image)), ...(await converge(image)), ...(await unchanged(image))],
  };
  print(report);
  mkdirSync(join(root, 'bench', 'report'), { recursive: true });
  writeFileSync(join(root, 'bench', 'report', 'foundation.json'), `${JSON.stringify(report, null, 2)}\n`);
} finally {
  if (daemon !== null) await stopDaemon(daemon);
  execFileSync('ip', ['netns', 'delete', namespace]);
  for (const path of [directory, runDirectory]) rmSync(path, { recursive: true, force: true });
}

function buildImage() {
  const program = join(directory, 'stamp');
  execFileSync('gcc', ['-O2', '-static', '-o', program, join(root, 'bench', 'stamp.c')]);
  const layout = join(directory, 'image');
  const directories = ['dev', 'etc', 'proc', 'sys', 'tmp'].map((name) => ({ name, type: 'directory' }));
  const layer = tar([...directories, { name: 'stamp', content: readFileSync(program), mode: 0o755 }]);
  addImage(layout, { tag: '1', layers: [layer], config: { Cmd: ['/stamp'], StopSignal: 'SIGKILL' } });
  return `oci:${layout}:1`;
}

function document(name, image, port) {
  return `apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: ${name}}\nspec: {image: "${image}", init: false, ports: ["${port}:80"]}\n`;
}

/** From just before the request on the socket to the container's first instruction. */
async function startAfterRest(image) {
  const { createClient } = await import(join(root, 'dist', 'api', 'client.js'));
  const { loadManifests } = await import(join(root, 'dist', 'manifest', 'load.js'));
  const client = createClient(join(environment.TSDOCK_RUN_DIR, 'tsdock.sock'));
  const { signal } = new AbortController();
  const waiting = { actor: 'bench', wait: true, timeoutMs: 30_000, signal, onProgress: () => undefined };
  const options = { ...waiting, takeOwnership: false, force: false, maxDelete: 1, cascade: false, retained: 'remove' };
  // Another container keeps the network there, as a daemon of a peer keeps its bridge.
  const keeper = join(directory, 'keeper.yaml');
  writeFileSync(keeper, document('keeper', image, 8079));
  timed(cli, ['apply', '-f', keeper]);
  const rows = { rest: [], loop: [] };
  for (const [kind, restMs] of [
    ['rest', 1000],
    ['loop', 0],
  ]) {
    for (let index = 0; index < samples + 2; index += 1) {
      const inputs = [{ file: 'one.yaml', text: document('one', image, 8080) }];
      const { documents } = loadManifests(inputs, { set: () => 'cli:default', namespace: 'default', variables: new Map() });
      const snapshot = { set: 'cli:default', documents, complete: true, prune: false, held: new Set(), files: [] };
      await sleep(restMs);
      const begin = process.hrtime.bigint();
      const result = await client.apply([snapshot], options);
      if (result.exitCode !== 0) throw new Error(`apply ended with ${result.exitCode}: ${JSON.stringify(result.blocked)}`);
      const stamp = await firstLine(client);
      if (index >= 2) rows[kind].push(Number(stamp - begin) / 1e6); // two warm-up rounds
      await client.remove(['Container/default/one'], options);
    }
  }
  timed(cli, ['delete', '-f', keeper]);
  return [
    { name: 'start after 1 s of rest: API call to exec', unit: 'ms', ...summary(rows.rest) },
    { name: 'start in a loop: API call to exec', unit: 'ms', ...summary(rows.loop) },
  ];
}

async function firstLine(client) {
  const { signal } = new AbortController();
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const entries = client.logs({ namespace: 'default', name: 'one', follow: false, tail: null, sinceMs: null, previous: false, signal });
    for await (const entry of entries) return BigInt(entry.line);
    await sleep(5);
  }
  throw new Error('the container printed nothing');
}

/** Wall time of the whole command, client start included. */
async function converge(image) {
  const file = join(directory, 'fifty.yaml');
  writeFileSync(file, Array.from({ length: 50 }, (_, index) => document(`c${index}`, image, 9000 + index)).join('---\n'));
  const rows = { apply: [], remove: [] };
  for (let round = 0; round < 6; round += 1) {
    const apply = timed(cli, ['apply', '-f', file]);
    const remove = timed(cli, ['delete', '-f', file]);
    await sleep(2000);
    if (round === 0) continue;
    rows.apply.push(apply);
    rows.remove.push(remove);
  }
  return [
    { name: 'apply 50 published containers, command', unit: 'ms', ...summary(rows.apply) },
    { name: 'delete 50 containers, command', unit: 'ms', ...summary(rows.remove) },
  ];
}

/** Alternating with a bare Node, so that drift meets both. */
async function unchanged(image) {
  const file = join(directory, 'one.yaml');
  writeFileSync(file, document('same', image, 8080));
  timed(cli, ['apply', '-f', file]);
  const rows = { node: [], diff: [], ps: [] };
  for (let round = 0; round < 22; round += 1) {
    const node = timed(process.execPath, ['-e', '0']);
    const diff = timed(cli, ['diff', '-f', file]);
    const ps = timed(cli, ['ps']);
    if (round < 2) continue;
    rows.node.push(node);
    rows.diff.push(diff);
    rows.ps.push(ps);
  }
  timed(cli, ['delete', '-f', file]);
  return [
    { name: 'node -e 0', unit: 'ms', ...summary(rows.node) },
    { name: 'tsdock diff, unchanged file', unit: 'ms', ...summary(rows.diff) },
    { name: 'tsdock ps', unit: 'ms', ...summary(rows.ps) },
  ];
}

function timed(command, args) {
  const [program, programArgs] = inside(command, args);
  const begin = process.hrtime.bigint();
  const result = spawnSync(program, programArgs, { env: environment, encoding: 'utf8' });
  const took = Number(process.hrtime.bigint() - begin) / 1e6;
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${result.status}: ${result.stderr}`);
  return took;
}

function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { n: sorted.length, median: at(0.5), p95: at(0.95), min: sorted[0], max: sorted.at(-1), values };
}

async function startDaemon() {
  const [program, args] = inside(cli, ['daemon']);
  const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let seen = '';
  await new Promise((resolve, reject) => {
    const look = (chunk) => {
      seen += chunk;
      if (/\bready\b/.test(seen)) resolve();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', (code) => reject(new Error(`the daemon ended with ${code}:\n${seen}`)));
  });
  return child;
}

async function stopDaemon(child) {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

function print(report) {
  console.log(`Node ${report.machine.node}, Linux ${report.machine.kernel}, ${report.machine.cpus} cores`);
  for (const row of report.measurements) {
    const show = (value) => value.toFixed(1).padStart(8);
    const figures = `median ${show(row.median)} ${row.unit}  min ${show(row.min)}  p95 ${show(row.p95)}  max ${show(row.max)}  n ${row.n}`;
    console.log(`${row.name.padEnd(44)} ${figures}`);
  }
}
