/**
 * P5: pull and unpack of a Debian image of five layers, 370 MB, from a registry on loopback; tsdock beside the peers that are installed (podman, containerd, docker) and the limit of this machine
 * (crates/core/examples/pull_limit.rs). Run as root after `npm run build`: `node bench/pull.mjs [rounds] [gzip|zstd]…`, or `node bench/pull.mjs 0` to make the layers beforehand. Everything happens
 * in a network namespace and on a filesystem of its own. Prints a table and writes bench/report/pull.json; bench/README.md tells how to read it.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianLayers } from '../scripts/lib/debian-layers.mjs';
import { checkRoot, root } from '../scripts/lib/setup.mjs';
import { ownDisk } from './lib/disk.mjs';
import { busySeconds, machine, summary, untilIdle, watchMemory } from './lib/machine.mjs';
import { pullTools } from './lib/pull-tools.mjs';
import { compressed, variantLayers } from './lib/variants.mjs';

checkRoot('node bench/pull.mjs');
const rounds = Number(process.argv[2] ?? 5);
const formats = process.argv.length > 3 ? process.argv.slice(3) : ['gzip', 'zstd'];
const reportFile = join(root, 'bench', 'report', 'pull.json');
const tars = debianLayers(join(root, '.cache', 'bench', 'pull'), [
  ['python3'],
  ['git', 'perl'],
  ['binutils', 'libc6-dev'],
  ['vim', 'nginx-light'],
]);
for (const format of formats) compressed(tars, format);
execFileSync(
  'cargo',
  ['build', '--quiet', '--locked', '--release', '-p', 'tsdock-core', '--features', 'layer', '--example', 'pull_limit'],
  {
    cwd: join(root, 'src', 'native'),
    stdio: 'inherit',
  },
);
if (rounds === 0) process.exit(0);

const place = mkdtempSync(join(tmpdir(), 'tsdock-bench-'));
const directory = join(place, 'disk');
const disk = ownDisk(directory, '40G');
/** A tmpfs, as /run is on a host with an init system of its own: the engine's run directory is made for one. */
const runDirectory = mkdtempSync('/dev/shm/tsdock-bench-');
const namespace = `bench-${process.pid}`;
const cli = join(root, 'bin', 'tsdock');
const limit = join(root, 'src', 'native', 'target', 'release', 'examples', 'pull_limit');
const registry = '127.0.0.1:5000';
const children = [];
const inside = (command, args) => ['nsenter', [`--net=/run/netns/${namespace}`, command, ...args]];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

execFileSync('ip', ['netns', 'add', namespace]);
execFileSync(...inside('ip', ['link', 'set', 'lo', 'up']));
try {
  await startRegistry();
  const tools = pullTools({ directory, runDirectory, cli, begin }).filter((tool) => isInstalled(tool.version[0]));
  const versions = Object.fromEntries(tools.map(({ name, version: [program, args] }) => [name, firstLine(program, args)]));
  for (const tool of tools) tool.daemon = await tool.start();
  const measurements = [];
  for (const format of formats) measurements.push(...(await measure(format, tools)));
  const before = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')).measurements : [];
  const kept = before.filter((row) => !formats.includes(row.format));
  const report = { machine: machine(), versions, measurements: [...kept, ...measurements] };
  print(report.measurements);
  writeFileSync(reportFile, `${JSON.stringify(report, null, 2)}\n`);
} finally {
  for (const child of children.reverse()) await stop(child);
  execFileSync('ip', ['netns', 'delete', namespace]);
  disk.remove();
  for (const path of [place, runDirectory]) rmSync(path, { recursive: true, force: true });
}

/** Everyone pulls the same fresh variant in a round, in an order that turns by one each round. Nothing is removed in between: freed inodes would slow down whoever comes next. */
async function measure(format, tools) {
  const able = [...tools.filter((tool) => tool.formats.includes(format)), { name: 'limit' }];
  const samples = new Map(able.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const name = `${format}-${round}-${process.pid}`;
    const layers = variantLayers(tars, format, name, directory);
    await inNamespace('push', [registry, format, name, JSON.stringify(layers)]);
    for (let turn = 0; turn < able.length; turn += 1) {
      const tool = able[(round + turn) % able.length];
      execFileSync('sync');
      await untilIdle();
      const taken = tool.name === 'limit' ? await limitOf(layers, name) : await pullBy(tool, `${registry}/${format}:${name}`);
      console.error(`${name} ${tool.name}: ${taken.seconds.toFixed(2)} s`);
      samples.get(tool.name).push(taken);
    }
    for (const layer of layers) rmSync(layer.file);
  }
  return [...samples].map(([tool, taken]) => ({
    format,
    tool,
    seconds: summary(taken.map((one) => one.seconds)),
    cpuSeconds: summary(taken.map((one) => one.cpuSeconds)),
    peakMiB: summary(taken.map((one) => one.peakMiB)),
    ...(tool === 'limit' ? { unpackSeconds: summary(taken.map((one) => one.unpackSeconds)) } : {}),
  }));
}

async function pullBy(tool, ref) {
  const taken = await timed(...tool.pull(ref), tool.env, tool.daemon === null ? [] : [tool.daemon.pid]);
  for (const [program, args] of tool.check(ref)) await timed(program, args, tool.env, []);
  return taken;
}

/** The program reads its input into memory before its clock starts. */
async function limitOf(layers, name) {
  const taken = await timed(limit, [join(directory, `limit-${name}`), ...layers.map((layer) => layer.file)], {}, []);
  const { unpackMs, syncMs } = JSON.parse(taken.output);
  return { ...taken, seconds: (unpackMs + syncMs) / 1000, unpackSeconds: unpackMs / 1000 };
}

/** Wall time of the whole command; busy time of the machine until 150 ms after it; memory of the command and of `daemons`. */
async function timed(command, args, env, daemons) {
  const memory = watchMemory([...daemons]);
  const busy = busySeconds();
  const begin = process.hrtime.bigint();
  const [program, programArgs] = inside(command, args);
  const child = spawn(program, programArgs, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  memory.add(child.pid);
  const said = { output: '', errors: '' };
  child.stdout.on('data', (chunk) => (said.output += chunk));
  child.stderr.on('data', (chunk) => (said.errors += chunk));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  const peakMiB = memory.stop();
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${said.errors || said.output}`);
  await sleep(150);
  return { seconds, cpuSeconds: busySeconds() - busy, peakMiB, output: said.output };
}

async function startRegistry() {
  const config = join(directory, 'registry.yaml');
  const storage = `storage: {filesystem: {rootdirectory: ${join(directory, 'registry')}}}`;
  writeFileSync(config, `version: 0.1\nlog: {level: info}\n${storage}\nhttp: {addr: '${registry}'}\n`);
  await begin('docker-registry', ['serve', config], {}, (text) => /listening on/.test(text));
}

/** `push` of lib/variants.mjs runs where the registry is. */
async function inNamespace(name, args) {
  const script = `import { ${name} } from ${JSON.stringify(join(root, 'bench', 'lib', 'variants.mjs'))};
    const [registry, format, tag, layers] = process.argv.slice(1);
    await ${name}('http://' + registry, format, tag, JSON.parse(layers), format);`;
  execFileSync(...inside(process.execPath, ['--input-type=module', '-e', script, ...args]), { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Starts a daemon and waits until what it says matches. */
async function begin(command, args, env, isReady) {
  const [program, programArgs] = inside(command, args);
  const child = spawn(program, programArgs, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let seen = '';
  await new Promise((resolve, reject) => {
    const look = (chunk) => {
      seen += chunk;
      if (isReady(seen)) resolve();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}:\n${seen}`)));
    setTimeout(() => reject(new Error(`${command} is not ready after 30 s:\n${seen}`)), 30_000).unref();
  });
  return child;
}

async function stop(child) {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(late);
}

function isInstalled(program) {
  const found = spawnSync('which', [program]).status === 0;
  if (!found) console.error(`${program} is not installed: left out`);
  return found;
}

function firstLine(program, args) {
  return execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n', 1)[0];
}

function print(measurements) {
  const show = (value, digits) => value.toFixed(digits).padStart(7);
  for (const format of new Set(measurements.map((row) => row.format))) {
    const rows = measurements.filter((row) => row.format === format);
    const own = rows.find((row) => row.tool === 'tsdock').seconds.median;
    for (const { tool, seconds, cpuSeconds, peakMiB } of rows) {
      const times = `${show(seconds.median, 2)} s (${show(seconds.min, 2)} to ${show(seconds.max, 2)}, n ${seconds.n})`;
      console.log(
        `${format} ${tool.padEnd(18)} ${times}  ${show(seconds.median / own, 2)} of tsdock  CPU ${show(cpuSeconds.median, 1)} s  peak ${show(peakMiB.median, 0)} MiB`,
      );
    }
  }
}
