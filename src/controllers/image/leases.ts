import type { ContentStore } from './content-store.ts';
import { digestOf } from './content-store.ts';

/** What work under way needs of the store: names of blobs (digests) and of trees. */
export interface Lease {
  /** Nothing of these names goes until the lease is closed. Resolves at once, or when the removal that is going on has ended: only then is there to be looked for them. */
  need(names: readonly string[]): Promise<void>;
  close(): void;
}

/**
 * Keeps removal and use of content apart: whoever is going to look for something says so first, and whoever removes does it while nobody can begin to need anything. A removal
 * is short (names go, trees are deleted later), so neither waits for the length of a pull.
 */
export class Leases {
  readonly #open = new Set<Set<string>>();
  #removing: Promise<void> | null = null;

  open(): Lease {
    const own = new Set<string>();
    this.#open.add(own);
    return {
      need: async (names) => {
        while (this.#removing !== null) await this.#removing;
        for (const name of names) own.add(name);
      },
      close: () => void this.#open.delete(own),
    };
  }

  /** One removal at a time; it is told what is needed, and that does not grow until it has ended. */
  remove<T>(work: (needed: ReadonlySet<string>) => Promise<T>): Promise<T> {
    const before = this.#removing ?? Promise.resolve();
    const done = before.then(() => work(new Set([...this.#open].flatMap((names) => [...names]))));
    const ended = done.then(
      () => undefined,
      () => undefined, // told to whoever removes
    );
    const removing = ended.then(() => {
      if (this.#removing === removing) this.#removing = null;
    });
    this.#removing = removing;
    return done;
  }
}

/** A content store in which everything that is looked for, or brought, is needed from then on. */
export function leasedContent(content: ContentStore, lease: Lease): ContentStore {
  return {
    ...content,
    async hasBlob(digest, size) {
      await lease.need([digest]);
      return content.hasBlob(digest, size);
    },
    async readBlob(digest, maxBytes) {
      await lease.need([digest]);
      return content.readBlob(digest, maxBytes);
    },
    async writeBlob(bytes, algorithm) {
      await lease.need([digestOf(bytes, algorithm)]);
      return content.writeBlob(bytes, algorithm);
    },
    async ingest(digest) {
      await lease.need([digest]);
      return content.ingest(digest);
    },
  };
}
