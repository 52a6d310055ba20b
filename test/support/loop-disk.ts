import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { onTestFinished } from 'vitest';

export type DiskType = 'ext4' | 'xfs';

export interface LoopDisk {
  /** Where it is mounted. */
  readonly path: string;
  /** What a cut of power leaves: nothing more reaches the disk, what was not flushed is lost (`*_IOC_SHUTDOWN` without log flush). Whoever still writes there fails with EIO. */
  cutPower(): void;
  /**
   * Mounts a copy of what the cut left; the journal is replayed. A copy, because the old filesystem goes on, dead, in every mount namespace that was made meanwhile, and mounting its device again would give
   * that one.
   */
  restorePower(): void;
  /** Takes it away, also from under those who still have it open. Done when the test ends, if not before. */
  remove(): void;
}

/** Whether this machine can make such a filesystem. */
export function hasDisk(type: DiskType): boolean {
  return spawnSync('which', [`mkfs.${type}`]).status === 0 && spawnSync('which', ['losetup']).status === 0;
}

/** A filesystem in a file of its own, mounted at `path`; gone when the test ends. `make`: more arguments of mkfs. */
export function loopDisk(
  path: string,
  options: { readonly type: DiskType; readonly sizeMiB: number; readonly make?: readonly string[] },
): LoopDisk {
  const { type, sizeMiB, make = [] } = options;
  let file = `${path}.0.img`;
  execFileSync('truncate', ['-s', `${sizeMiB}M`, file]);
  execFileSync(`mkfs.${type}`, ['-q', ...make, file], { stdio: ['ignore', 'ignore', 'pipe'] });
  mkdirSync(path, { recursive: true });
  let device = attach(file, type, path);
  const detach = (): void => {
    spawnSync('umount', ['--lazy', '--recursive', path]);
    execFileSync('losetup', ['--detach', device]);
  };
  let cuts = 0;
  let removed = false;
  const remove = (): void => {
    if (removed) return;
    removed = true;
    detach();
    rmSync(file);
  };
  onTestFinished(remove);
  return {
    path,
    cutPower: () => void execFileSync('perl', ['-e', shutdown, path]),
    restorePower: () => {
      detach();
      const before = file;
      file = `${path}.${++cuts}.img`;
      execFileSync('cp', ['--sparse=always', before, file]);
      rmSync(before);
      device = attach(file, type, path);
    },
    remove,
  };
}

/** The loop device it is mounted from. */
function attach(file: string, type: DiskType, path: string): string {
  const device = execFileSync('losetup', ['--find', '--show', file], { encoding: 'utf8' }).trim();
  // xfs refuses a second mount of one UUID, and the first may live on for a while.
  execFileSync('mount', ['-t', type, ...(type === 'xfs' ? ['-o', 'nouuid'] : []), device, path]);
  return device;
}

/** EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN are one number, _IOR('X', 125, __u32); 2: without flushing the log (fs/ext4/ext4.h, fs/xfs/libxfs/xfs_fs.h). */
const shutdown = 'my $how = pack("L", 2); open(my $fs, "<", $ARGV[0]) or die $!; ioctl($fs, 0x8004587d, $how) or die $!';
