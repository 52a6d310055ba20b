import { randomFillSync } from 'node:crypto';
import { existsSync, rmSync, statfsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is kept back for the store, so that a deletion can be written down on a disk that is full otherwise. */
export const reserveBytes = 16 * 1024 ** 2;
/** It is made again only where it takes little of what is free. */
const roomBytes = 4 * reserveBytes;
const pieceBytes = 1024 ** 2;
/** Pages a transaction copies beside its values: branches of each collection, the list of free pages. */
const overheadBytes = 1024 ** 2;
/** A disk is not asked for room more often than this. */
const retryMs = 60_000;

/** A file beside the store that takes up space. */
export class Reserve {
  readonly #path: string;
  #making: Promise<void> | null = null;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(path: string) {
    this.#path = path;
  }

  /** Gives the space back when the next transaction may not fit otherwise. `bytes`: of its values. */
  makeRoom(bytes: number): void {
    if (this.#making !== null || freeBytes(this.#path) > 2 * bytes + overheadBytes) return;
    rmSync(this.#path, { force: true });
  }

  /** Made beside everything else when it is missing and there is room. Without it nothing is lost but what it is for: a failure is left at that. */
  restore(now: number): void {
    if (this.#making !== null || now - this.#triedAt < retryMs) return;
    this.#triedAt = now;
    if (existsSync(this.#path) || freeBytes(this.#path) < roomBytes) return;
    this.#making = this.#make()
      .catch(() => undefined)
      .finally(() => {
        this.#making = null;
      });
  }

  /** Ends when nothing is being made. */
  async settled(): Promise<void> {
    await this.#making;
  }

  /** Of noise: a filesystem that compresses, or that leaves out zeros, keeps back what it wrote. */
  async #make(): Promise<void> {
    const temporary = `${this.#path}.new`;
    try {
      const file = await open(temporary, 'w', 0o600);
      try {
        const noise = randomFillSync(Buffer.alloc(pieceBytes));
        for (let written = 0; written < reserveBytes; written += pieceBytes) await file.write(noise);
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize;
}
