/**
 * What the two commands of the README share: packages, build, and running other programs. Built-in modules only: this runs before anything is installed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Ends the program with one line that says what is wrong and what to do. */
export function fail(message, hint = null) {
  console.error(`error: ${message}${hint === null ? '' : `; hint: ${hint}`}`);
  process.exit(1);
}

/** Runs a program with its output shown; resolves with its exit code (128 + signal when ended by one). */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/** Runs a program to its end or ends this one. */
export async function must(command, args, options = {}) {
  const code = await run(command, args, options);
  if (code !== 0) fail(`${command} ${args.join(' ')} ended with ${code}`);
}

/** Standard output of a program, or null when it failed. */
export function outputOf(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : null;
}

export function checkGround() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) fail(`Node ${process.versions.node} is too old`, 'tsdock needs Node 20.19 or newer');
  if (process.platform !== 'linux') fail(`tsdock runs on Linux, this is ${process.platform}`);
  if (outputOf('cargo', ['--version']) === null)
    fail('cargo is not installed', 'the native part is written in Rust: install cargo 1.88 or newer');
}

export function checkRoot(what) {
  if (process.getuid?.() !== 0) fail(`${what} starts real containers and needs root`, `sudo ${what}`);
}

/** Installs the packages of the lockfile unless node_modules has just these versions. */
export async function installPackages() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  const missing = [...wanted].filter(([path, entry]) => present.get(path)?.version !== entry.version && entry.optional !== true);
  if (missing.length === 0) return;
  console.error('installing npm packages …');
  await must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

function packagesOf(file) {
  if (!existsSync(file)) return new Map();
  return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages).filter(([path]) => path !== ''));
}

/** Installs those of `packages` (Debian names) that are missing. `probe` maps a name to the file that proves it is there. */
export async function installDebianPackages(probe) {
  const missing = Object.entries(probe).filter(([, file]) => !existsSync(file));
  if (missing.length === 0) return;
  const names = missing.map(([name]) => name);
  console.error(`installing Debian packages: ${names.join(' ')} …`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await must('apt-get', ['update', '-qq'], { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
  await must('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const still = missing.filter(([, file]) => !existsSync(file));
  if (still.length > 0) fail(`apt-get installed ${names.join(' ')}, but ${still.map(([, file]) => file).join(', ')} is not there`);
}

/** Runs `work` unless `stamp` says that it was done for `version`. */
export async function once(stamp, version, work) {
  const file = join(root, '.cache', stamp);
  if (existsSync(file) && readFileSync(file, 'utf8') === version) return;
  await work();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, version);
}
