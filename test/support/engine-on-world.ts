/** The whole engine with the real controllers on the in-memory kernel: manifests in, the world afterwards out. No root, no network. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ImageOptions } from '../../src/controllers/image/controller.ts';
import { createControllers } from '../../src/controllers/index.ts';
import { completeSpec } from '../../src/manifest/complete.ts';
import { buildGraph } from '../../src/manifest/graph.ts';
import { unknownHost } from '../../src/manifest/graph-host.ts';
import { loadManifests } from '../../src/manifest/load.ts';
import type { ApplyOptions, RemoveOptions, WaitOptions } from '../../src/model/engine-api.ts';
import type { Event } from '../../src/model/event.ts';
import type { SourceSnapshot } from '../../src/model/graph.ts';
import { silentLogger } from '../../src/model/log.ts';
import type { SetId } from '../../src/model/resource.ts';
import { Engine, type EngineOptions } from '../../src/reconciler/engine.ts';
import type { OpenStore } from '../../src/reconciler/options.ts';
import { type Collection, openStore, type Store, type Tx } from '../../src/store/store.ts';
import { buildLayout } from './image-builder.ts';
import { World } from './world.ts';

export interface Host {
  readonly world: World;
  readonly directory: string;
  /** Where clear secrets lie. */
  readonly sharedMemory: string;
  /** `image:` value of a program that runs until it is stopped, by tag. */
  image(tag: string): string;
  /** Options of an engine on this host. */
  options(): EngineOptions;
  /** An engine, closed after the test. */
  open(): Promise<Engine>;
  /** The engine before is dead: its process, its calls and its writes have ended wherever they were. Another one takes over. */
  reopen(): Promise<Engine>;
  /** The next engine dies after this many transactions of its store. */
  crashAfterWrites(count: number): void;
  /** For tests that make many hosts. */
  remove(): void;
}

/** A host with an OCI layout of images `app:1` and `app:2` on its disk. `image`: how registries are asked, unless without logins. */
export function makeHost({ image = {} }: { readonly image?: Partial<ImageOptions> } = {}): Host {
  const directory = mkdtempSync(join(tmpdir(), 'tsdock-world-'));
  const sharedMemory = join('/dev/shm', basename(directory));
  mkdirSync(sharedMemory);
  const remove = (): void => {
    for (const path of [directory, sharedMemory]) rmSync(path, { recursive: true, force: true });
  };
  onTestFinished(remove);
  const layout = join(directory, 'layout');
  mkdirSync(layout);
  const run = { Entrypoint: ['/app'] };
  const layer = (content: string) => ({ entries: [{ name: 'app', content, mode: 0o755 }] });
  buildLayout(layout, [
    { name: '1', layers: [layer('one')], run },
    { name: '2', layers: [layer('one'), layer('two')], run },
  ]);
  mkdirSync(join(directory, 'proc'));
  const world = new World({ now: Date.now });
  const stores = new Set<MortalStore>();
  let writesLeft: number | null = null;
  const openMortal: OpenStore = async (path, options) => {
    const store = new MortalStore(await openStore(path, options), () => {
      if (writesLeft === null || --writesLeft > 0) return;
      writesLeft = null;
      world.killEngine();
    });
    stores.add(store);
    return store;
  };
  let current: Engine | null = null;
  const open = async (): Promise<Engine> => {
    const engine = await Engine.open(engineOptions(host, openMortal, image));
    current = engine;
    return engine;
  };
  onTestFinished(() => current?.close());
  const host: Host = {
    world,
    directory,
    sharedMemory,
    image: (tag) => `oci:${layout}:${tag}`,
    options: () => engineOptions(host, openMortal, image),
    open,
    reopen: async () => {
      writesLeft = null;
      current = null;
      world.killEngine();
      for (const store of stores) await store.die();
      stores.clear();
      rmSync(join(directory, 'state', 'store.clean'), { force: true });
      return open();
    },
    crashAfterWrites: (count) => {
      writesLeft = count;
    },
    remove,
  };
  world.onDeath(function mourn() {
    current = null;
    for (const store of stores) void store.die();
    world.onDeath(mourn);
  });
  return host;
}

/** A store whose owner can die: what it was asked to write by then is on disk or not, later writes never are and nobody is told. */
class MortalStore implements Store {
  readonly #store: Store;
  readonly #written: () => void;
  #death: Promise<void> | null = null;

  constructor(store: Store, written: () => void) {
    this.#store = store;
    this.#written = written;
  }

  get corrupt(): Store['corrupt'] {
    return this.#store.corrupt;
  }

  get movedAside(): Store['movedAside'] {
    return this.#store.movedAside;
  }

  get<T>(collection: Collection<T>, id: string): T | null {
    return this.#death === null ? this.#store.get(collection, id) : null;
  }

  range<T>(collection: Collection<T>, from?: string): Iterable<readonly [string, T]> {
    return this.#death === null ? this.#store.range(collection, from) : [];
  }

  async write<R>(change: (tx: Tx) => R): Promise<R> {
    if (this.#death !== null) return new Promise(() => undefined);
    const result = await this.#store.write(change);
    this.#written();
    return this.#death === null ? result : new Promise(() => undefined);
  }

  close(): Promise<void> {
    return this.#death ?? this.#store.close();
  }

  die(): Promise<void> {
    this.#death ??= this.#store.close();
    return this.#death;
  }
}

function engineOptions(host: Host, open: OpenStore, image: Partial<ImageOptions>): EngineOptions {
  const native = host.world.native();
  const stateDir = join(host.directory, 'state');
  const runDir = join(host.directory, 'run');
  const prefix = 'tsw';
  const common = { native, stateDir, runDir, prefix, log: silentLogger, now: Date.now, random: Math.random };
  const wired = createControllers({
    ...common,
    image: { dockerConfig: null, ...image },
    procDir: join(host.directory, 'proc'),
    resolvPath: join(host.directory, 'resolv.conf'),
    sharedMemory: host.sharedMemory,
  });
  // Timers of a process end with it; here they have to be told.
  host.world.onDeath(() => wired.probes.follow([]));
  return {
    ...common,
    ...wired,
    version: '0.1.0',
    resyncMs: null,
    gc: { high: 0.85, low: 0.75, minAgeMs: 24 * 3_600_000, keepRevisions: 10 },
    openStore: open,
    completeSpec,
    buildGraph: (snapshots) => buildGraph(snapshots, unknownHost),
  };
}

/** Manifests as one source's snapshot. Throws on a manifest that is not valid: a test that wants that uses `loadManifests`. */
export function snapshot(yaml: string, over: Partial<SourceSnapshot> = {}): SourceSnapshot {
  const set: SetId = over.set ?? 'cli:default';
  const loaded = loadManifests([{ file: 'test.yaml', text: yaml }], { set: () => set, namespace: 'default' });
  const [error] = loaded.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  if (error !== undefined) throw new Error(`${error.code}: ${error.message}`);
  return { set, documents: loaded.documents, complete: true, prune: true, held: new Set(), files: [], ...over };
}

export function waiting(over: Partial<ApplyOptions> & Partial<RemoveOptions> & Partial<WaitOptions> = {}): ApplyOptions & RemoveOptions {
  return {
    actor: 'test',
    wait: true,
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    takeOwnership: false,
    force: false,
    maxDelete: 0.3,
    cascade: false,
    retained: 'refuse',
    ...over,
  };
}

/** Everything the log has, oldest first. */
export async function eventsOf(engine: Pick<Engine, 'events'>): Promise<readonly Event[]> {
  const events: Event[] = [];
  for await (const event of engine.events({ since: 0, follow: false, signal: new AbortController().signal })) events.push(event);
  return events;
}
