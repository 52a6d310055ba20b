/** One suite for every controller, on the in-memory kernel and, given another `make`, on the real one: what `observe`, `diff` and `run` promise together. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Sealer } from '../../src/controllers/config/seal.ts';
import type { Controller, Controllers } from '../../src/controllers/controller.ts';
import { buildGraph } from '../../src/manifest/graph.ts';
import { unknownHost } from '../../src/manifest/graph-host.ts';
import { loadManifests } from '../../src/manifest/load.ts';
import { type DesiredGraph, emptyGraph, type SourceSnapshot } from '../../src/model/graph.ts';
import { silentLogger } from '../../src/model/log.ts';
import type { AnyObserved, ObservedState } from '../../src/model/observed.ts';
import type { Action, AnyAction, ResourceRecord } from '../../src/model/plan.ts';
import { type ActingKind, actingKinds, parseKey, type ResourceKey } from '../../src/model/resource.ts';
import { type NetworkFunctions, plan } from '../../src/reconciler/plan.ts';
import { diffsOf } from '../../src/reconciler/reader.ts';
import { leaseRecords } from '../../src/reconciler/records.ts';
import { recordsFor } from '../../src/reconciler/sets.ts';
import { eventually } from './eventually.ts';
import type { Fault } from './world.ts';

/** A host of its own for one test. */
export interface ContractHost {
  /** Controllers as a new process would make them; the process before is dead. */
  controllers(): Controllers;
  readonly network: NetworkFunctions;
  readonly sealer: Pick<Sealer, 'sealSnapshots'>;
  /** `image:` value of a program that runs until it is stopped. */
  image(tag: string): string;
  /** Everything of ours that the host shows, for comparison. */
  residue(): Promise<readonly string[]> | readonly string[];
  /** Makes the nth changing call of the native side from now on faulty. Never called where `faults` is empty. */
  fault(call: number, fault: Fault): void;
  close(): Promise<void> | void;
}

export interface ContractSample {
  readonly name: string;
  /** Manifests with the object under test and all it needs. */
  readonly yaml: (host: ContractHost) => string;
}

export interface ContractOptions {
  readonly make: () => Promise<ContractHost> | ContractHost;
  /** Which faults a host of `make` can script. */
  readonly faults: readonly Fault[];
  readonly samples: readonly ContractSample[];
}

/** No object of a sample needs more inner steps than this. */
const mostSteps = 60;

export function describeContract(kind: ActingKind, options: ContractOptions): void {
  const open = async (): Promise<ContractHost> => {
    const host = await options.make();
    onTestFinished(() => host.close());
    return host;
  };
  describe.each(options.samples)(`${kind}: $name`, ({ yaml }) => {
    test('observes nothing at first', async () => {
      const host = await open();
      expect(await host.controllers()[kind].observe()).toEqual([]);
    });

    test('observe shows what run did, and then there is nothing to do', async () => {
      const host = await open();
      const bench = await Bench.open(host, yaml(host));
      await bench.converge();
      const shown = await bench.controllers[kind].observe();
      expect(shown.map((thing) => thing.key)).toEqual(expect.arrayContaining([...bench.keysOf(kind)]));
      for (const thing of shown.filter(({ key }) => bench.records.has(key))) {
        expect(thing.identity?.uid).toBe(bench.records.get(thing.key)?.uid);
        expect(await (bench.controllers[kind] as unknown as Controller<ActingKind>).observe(thing.key)).toEqual([thing]);
      }
      expect(await bench.next(kind)).toEqual([]);
    });

    test('an action run twice leaves the same world as run once', async () => {
      const host = await open();
      const bench = await Bench.open(host, yaml(host));
      await bench.converge((action) => bench.run(action).then(() => bench.run(action)));
      const twice = await host.residue();
      expect(await bench.next(kind)).toEqual([]);
      // On a kernel both are engines of one host: what they publish is one's or the other's.
      bench.deleteAll();
      await bench.converge();
      const other = await open();
      const once = await Bench.open(other, yaml(other));
      await once.converge();
      expect(shapeOf(twice)).toEqual(shapeOf(await other.residue()));
    });

    test('remove leaves no trace', async () => {
      const host = await open();
      const bench = await Bench.open(host, yaml(host));
      const before = await host.residue();
      await bench.converge();
      bench.deleteAll();
      await bench.converge();
      expect(await bench.controllers[kind].observe()).toEqual(kind === 'Image' ? expect.anything() : []);
      // The kernel frees a network namespace and its link a moment after the last process of it.
      await eventually(async () => expect(await host.residue()).toEqual(before));
    });

    test('an aborted action leaves what the next look repairs', async () => {
      const host = await open();
      const bench = await Bench.open(host, yaml(host));
      await bench.converge(async (action) => {
        if (action.kind === kind) await bench.run(action, AbortSignal.abort()).catch(() => undefined);
        await bench.run(action).catch(() => undefined);
      });
      expect(await bench.next(kind)).toEqual([]);
    });

    test.each<Fault>(options.faults)('%s at every inner step is repaired by those who come after', async (fault) => {
      for (let call = 1; call <= mostSteps; call++) {
        const host = await open();
        const bench = await Bench.open(host, yaml(host));
        await bench.converge(
          (action) => bench.run(action),
          (action) => action.kind !== kind,
        );
        let hit = false;
        const stubborn = async (action: AnyAction): Promise<void> => {
          const crash = new Promise<'dead'>((resolve) => setTimeout(() => resolve('dead'), 100));
          const ended = bench.run(action).then(
            () => 'done' as const,
            () => 'failed' as const,
          );
          const how = fault === 'crash-after' ? await Promise.race([ended, crash]) : await ended;
          if (how !== 'done') hit = true;
          if (how === 'dead') bench.restart();
        };
        host.fault(call, fault);
        await bench.converge(stubborn);
        expect(await bench.next(kind), `call ${call}`).toEqual([]);
        bench.deleteAll();
        await bench.converge(stubborn);
        // Files of an instance that died with its engine wait for the next engine's beginning; the kernel keeps nothing.
        const left = (await host.residue()).filter((line) => !line.startsWith('file '));
        expect(left, `call ${call}`).toEqual([]);
        if (!hit) return;
      }
      throw new Error(`more than ${mostSteps} inner steps`);
    });
  });
}

/** A planner and controllers without an engine between them: looks, decides, runs one action, looks again. */
class Bench {
  readonly records: Map<ResourceKey, ResourceRecord>;
  controllers: Controllers;
  readonly #host: ContractHost;
  #graph: DesiredGraph;

  static async open(host: ContractHost, yaml: string): Promise<Bench> {
    const { documents, ...rest } = snapshotFrom(yaml);
    const sealed = await host.sealer.sealSnapshots([{ documents, ...rest }], () => null, 'apply');
    return new Bench(host, buildGraph(sealed, unknownHost).graph);
  }

  private constructor(host: ContractHost, graph: DesiredGraph) {
    this.#host = host;
    this.controllers = host.controllers();
    this.#graph = graph;
    this.records = new Map(recordsFor(this.#graph, new Map(), { now: 1, newUid: () => 'c0ffee' }));
  }

  keysOf(kind: ActingKind): readonly ResourceKey[] {
    return [...this.#graph.resources.keys()].filter((key) => parseKey(key).kind === kind).sort();
  }

  /** A person deletes all of it by name. */
  deleteAll(): void {
    this.#graph = emptyGraph;
    for (const [key, record] of this.records) this.records.set(key, { ...record, source: 'document', deletedAt: 1 });
  }

  restart(): void {
    this.controllers = this.#host.controllers();
  }

  /** Ids of what is to be done to a kind now. */
  async next(kind: ActingKind): Promise<readonly string[]> {
    return (await this.#decide()).filter((action) => action.kind === kind).map((action) => action.id);
  }

  /** Runs one ready action after the other until nothing is left that `matches`. */
  async converge(
    step: (action: AnyAction) => Promise<void> = (action) => this.run(action),
    matches: (action: AnyAction) => boolean = () => true,
  ): Promise<void> {
    for (let count = 0; count < mostSteps; count++) {
      const ready = (await this.#decide()).find((action) => action.after.length === 0 && matches(action));
      if (ready === undefined) return;
      await step(ready);
    }
    throw new Error(`does not converge: ${(await this.#decide()).map((action) => action.id).join(', ')}`);
  }

  run(action: AnyAction, signal: AbortSignal = new AbortController().signal): Promise<void> {
    const controller = this.controllers[action.kind] as unknown as Controller<ActingKind>;
    return controller.run(action as Action, { signal, log: silentLogger, progress: () => undefined });
  }

  async #decide(): Promise<readonly AnyAction[]> {
    const observed = await this.#observe();
    const next = plan(this.#graph, observed, {
      diffs: diffsOf(this.controllers),
      network: this.#host.network,
      records: this.records,
      operations: [],
      running: new Map(),
      attempts: new Map(),
      unseen: new Map(),
      now: Date.now(),
    });
    for (const [key, record] of leaseRecords(next.leases, this.#graph, this.records)) this.records.set(key, record);
    return next.actions;
  }

  async #observe(): Promise<ObservedState> {
    const looks = await Promise.all(actingKinds.map((kind): Promise<readonly AnyObserved[]> => this.controllers[kind].observe()));
    return { resources: new Map(looks.flat().map((thing) => [thing.key, thing])), hostRoutes: [], at: Date.now() };
  }
}

function snapshotFrom(yaml: string): SourceSnapshot {
  const loaded = loadManifests([{ file: 'contract.yaml', text: yaml }], { set: () => 'cli:contract', namespace: 'default' });
  const [error] = loaded.diagnostics.filter(({ severity }) => severity === 'error');
  if (error !== undefined) throw new Error(`${error.code}: ${error.message}`);
  return { set: 'cli:contract', documents: loaded.documents, complete: true, prune: true, held: new Set(), files: [] };
}

/** Paths differ from host to host. */
function shapeOf(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/\/tmp\/\S+/g, '/tmp')).sort();
}
