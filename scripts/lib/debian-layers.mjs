/**
 * Layers as a build of an image makes them, from Debian packages of this machine's mirror: for benchmarks and for tests that want a large real image. Needs root and the package mmdebstrap.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Uncompressed tars below `directory`, lowest first: a minimal system, then one layer a step, which is what installing these packages added and changed. Built once; a directory
 * that is there is taken as it is.
 */
export function debianLayers(directory, steps) {
  const tars = ['base', ...steps].map((_, index) => `${String(index + 1).padStart(2, '0')}.tar`);
  if (!existsSync(directory)) {
    mkdirSync(dirname(directory), { recursive: true });
    const fresh = mkdtempSync(`${directory}-`);
    build(fresh, steps, tars);
    renameSync(fresh, directory);
  }
  return tars.map((name) => join(directory, name));
}

const left = ['./var/cache', './var/lib/apt/lists', './dev', './proc', './sys'];

function build(directory, steps, [base, ...tars]) {
  const [stamp, list] = ['stamp', 'list'].map((name) => join(directory, name));
  const hook = (text) => `--customize-hook=${text}`;
  const excluded = left.map((path) => `--exclude=${path}/*`).join(' ');
  const hooks = [hook(`cd "$1" && tar --one-file-system ${excluded} -cf ${join(directory, base)} .`)];
  for (const [index, packages] of steps.entries()) {
    const skip = left.map((path) => `! -path '${path}/*'`).join(' ');
    // Each path with all directories above it, as a build's layers have them. Times of change have a grain: some rest on either side of the mark.
    const withParents = `awk -F/ '{ path = "."; for (i = 2; i <= NF; i++) { path = path "/" $i; print path } }' | LC_ALL=C sort -u`;
    hooks.push(
      hook(`sleep 0.1; touch ${stamp}; sleep 0.1`),
      hook(
        `chroot "$1" apt-get install -qq -y --no-install-recommends ${packages.join(' ')} >${list} 2>&1 || { cat ${list} >&2; exit 1; }`,
      ),
      hook(`cd "$1" && find . -mindepth 1 -xdev -cnewer ${stamp} ${skip} | ${withParents} >${list}`),
      hook(`cd "$1" && tar --no-recursion -T ${list} -cf ${join(directory, tars[index])}`),
    );
  }
  execFileSync('mmdebstrap', ['--quiet', '--variant=minbase', ...hooks, 'bookworm', '/dev/null'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const path of [stamp, list]) rmSync(path, { force: true });
}
