// Builds the native artefacts into build/: the addon `tsdock.node` with its types, the static helper `tsdock-rt` and the sample image's server. Cargo itself skips what is up
// to date.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const native = join(root, 'src', 'native');
const target = 'x86_64-unknown-linux-gnu';
const addonHeader =
  '/** The addon as it is; made by the build from `crates/addon`. Only files of this folder see it. Texts are JSON; what is thrown goes through `nativeError`. */\n\n';

buildNative();

/** The static flag must not reach the addon, a shared library, so each has its own target directory. */
function buildNative() {
  buildHelper();
  buildAddon();
}

function buildHelper() {
  const helperTarget = join(native, 'target', 'rt-static');
  const workspace = ['--manifest-path', join(native, 'Cargo.toml'), '--target', target, '--target-dir', helperTarget];
  const packages = ['-p', 'tsdock-rt', '-p', 'tsdock-sample'];
  runTool('cargo', ['build', '--locked', '--profile', 'rt', ...packages, ...workspace], { RUSTFLAGS: '-C target-feature=+crt-static' });
  for (const name of ['tsdock-rt', 'tsdock-sample']) {
    const program = join(helperTarget, target, 'rt', name);
    assertStatic(program);
    installIn(join(root, 'build'), program, name);
  }
}

/** napi writes the types of what the Rust source exports; they are committed beside the code that uses them. */
function buildAddon() {
  const output = join(native, 'target', 'napi');
  const napi = join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  const source = [
    '--manifest-path',
    join(native, 'crates', 'addon', 'Cargo.toml'),
    '--target-dir',
    join(native, 'target'),
    '--profile',
    'addon',
  ];
  const results = ['--output-dir', output, '--dts', 'addon.d.ts', '--dts-header', addonHeader];
  runTool(process.execPath, [napi, 'build', ...source, ...results, '--', '--locked']);
  installIn(join(root, 'build'), join(output, 'tsdock.node'), 'tsdock.node');
  installIn(native, join(output, 'addon.d.ts'), 'addon.d.ts');
}

function runTool(command, args, env = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (result.error !== undefined)
    fail(`${command} cannot be run (${result.error.message}); the native part needs a Rust toolchain, see https://rustup.rs`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** A helper with an interpreter or shared libraries would run code of the place it is started in. Program headers of ELF64: PT_DYNAMIC 2, PT_INTERP 3. */
function assertStatic(path) {
  const elf = readFileSync(path);
  const [offset, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)];
  for (let index = 0; index < count; index += 1) {
    const header = offset + index * size;
    const type = elf.readUInt32LE(header);
    if (type === 3) fail(`${path} has an interpreter`);
    if (type === 2 && needsLibraries(elf, header)) fail(`${path} needs shared libraries`);
  }
}

/** Entries of the dynamic section are pairs of 64 bits; tag 1 is DT_NEEDED, 0 the end. A static position-independent program has a section without the former. */
function needsLibraries(elf, header) {
  const start = Number(elf.readBigUInt64LE(header + 8));
  const end = start + Number(elf.readBigUInt64LE(header + 32));
  for (let entry = start; entry + 16 <= end; entry += 16) {
    const tag = elf.readBigInt64LE(entry);
    if (tag === 1n) return true;
    if (tag === 0n) return false;
  }
  return false;
}

/** By rename: a running program keeps its file. Equal files are left alone, so that nothing looks changed. */
function installIn(directory, source, name) {
  const destination = join(directory, name);
  mkdirSync(directory, { recursive: true });
  if (sameFile(source, destination)) return;
  copyFileSync(source, `${destination}.new`);
  renameSync(`${destination}.new`, destination);
}

function sameFile(source, destination) {
  try {
    return statSync(source).size === statSync(destination).size && readFileSync(source).equals(readFileSync(destination));
  } catch {
    return false;
  }
}

function fail(message) {
  process.stderr.write(`build-native: ${message}\n`);
  process.exit(1);
}
