/**
 * An ext4 of the bench's own in a sparse file. On a filesystem in use the same unpacking takes between 1 and 20 s: for five minutes after inodes were freed ext4 searches past them (`recently_deleted` in
 * fs/ext4/ialloc.c), whoever freed them.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';

/** Mounts it at `path`, which is made. `remove` takes all of it away, with whatever is mounted below. */
export function ownDisk(path, size) {
  const file = `${path}.img`;
  mkdirSync(path);
  execFileSync('truncate', ['-s', size, file]);
  execFileSync('mkfs.ext4', ['-q', '-F', '-E', 'nodiscard', file]);
  const device = execFileSync('losetup', ['--find', '--show', '--direct-io=on', file], { encoding: 'utf8' }).trim();
  // Without it a kernel thread would write inode tables while we measure.
  execFileSync('mount', ['-o', 'noinit_itable', device, path]);
  return {
    remove() {
      execFileSync('umount', ['--recursive', path]);
      execFileSync('losetup', ['--detach', device]);
      for (const one of [file, path]) rmSync(one, { recursive: true, force: true });
    },
  };
}
