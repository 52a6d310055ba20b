import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import type { Logger } from '../../model/log.ts';
import type { Endpoint } from '../../model/observed.ts';
import type { ContainerCreateInput, ContainerInput } from '../../model/plan.ts';
import { type InstanceId, parseSlot, type ResourceKey, resourceOf } from '../../model/resource.ts';
import { type InstanceStatus, type Native, NativeError } from '../../native/index.ts';
import { listDirectories } from '../../store/files.ts';
import { readRunJson, readRunText, rewriteRunFile, writeRunFile } from '../../store/run-files.ts';
import type { Controller } from '../controller.ts';
import { diffContainer } from './diff.ts';
import { parseIdentity } from './instance.ts';
import { conflictWith, holderOf, hostListeners } from './listeners.ts';
import { type LogDirectory, listLogDirectories, surplusLogs } from './log-directories.ts';
import { type Found, foundInstance, observedContainer, type Told } from './look.ts';
import { prepareMounts } from './mount-sources.ts';
import { hostsText, type NamesOwner, resolvText } from './name-files.ts';
import { type EnvironmentOptions, openEnvironment } from './open-environment.ts';
import type { Prober } from './probes/prober.ts';
import {
  instanceDirectory,
  limitsOf,
  logDirectory,
  type Places,
  processSpec,
  restartPolicyOf,
  stopPolicyOf,
  stopSignalOf,
  upperDirectory,
} from './process-spec.ts';
import { restartByPolicy } from './restart.ts';
import { signalNumber } from './signals.ts';
import { ensureSkeleton } from './skeleton.ts';
import { containerError } from './start-error.ts';
import { readStartFacts, type StartFacts, startFactsOf, writeStartFacts } from './start-facts.ts';

export interface ContainerControllerOptions extends Places {
  readonly native: Pick<Native, 'host' | 'containers' | 'net' | 'onEvent'> & { readonly layers: Pick<Native['layers'], 'removeTree'> };
  readonly log: Logger;
  /** For variables from Secrets. */
  readonly secrets: EnvironmentOptions;
  /** What probes say of instances, and when that changes. */
  readonly prober: Pick<Prober, 'verdictOf' | 'listen'>;
  /** Where procfs is mounted, to find who listens on a host port; `/proc`. */
  readonly procDir?: string;
  /** What the host searches is read here; `/etc/resolv.conf`. */
  readonly resolvPath?: string;
}

/** What removals work with. */
interface Removing extends ContainerControllerOptions {
  readonly knownLogs: Map<InstanceId, LogDirectory>;
}

type Key = ResourceKey<'Container'>;
type InputOf<V extends ContainerInput['verb']> = Extract<ContainerInput, { readonly verb: V }>;

/**
 * Instances under their supervisors. An instance says in the identity its supervisor keeps whose it is; what the daemon adds (its names, what the supervisor was told
 * later) lies in `<run>/files/instances/<id>` and goes with it.
 */
export function createContainerController(options: ContainerControllerOptions): Controller<'Container'> {
  const { native, log, prober } = options;
  const statuses = statusesByKey(native.containers);
  const removing: Removing = { ...options, knownLogs: new Map() };
  let swept: Promise<void> | null = null;
  const sweepOnce = (): Promise<void> => {
    swept ??= sweepInstances(options).catch((error: unknown) => {
      swept = null; // tried again by the next action
      throw error;
    });
    return swept;
  };

  return {
    kind: 'Container',
    diff: diffContainer,

    async observe(key) {
      const [seen, state] = await Promise.all([statuses(key), native.net.dump()]);
      const found: Found[] = [];
      for (const status of seen) {
        const instance = foundInstance(status, readTold(options, status.id), prober.verdictOf(status.id));
        if (instance === null) log.warn('instance without a readable identity', { instance: status.id, phase: status.phase });
        else found.push(instance);
      }
      const owners = new Set<Key>([
        ...found.map((instance) => instance.identity.key),
        ...[...state.published, ...state.reserved].map((port) => port.owner as Key),
      ]);
      const wanted = [...owners].filter((owner) => key === undefined || owner === key).sort();
      return wanted.map((owner) => observedContainer(owner, found, state));
    },

    async run({ input, subject }) {
      const key = resourceOf(subject) as Key;
      await sweepOnce();
      switch (input.verb) {
        case 'create':
          return create(key, input.create, options);
        case 'start':
          return start(key, input.instance, options);
        case 'update':
          return update(key, input, options);
        case 'reserve':
          return claimed(key, input.endpoints, options, () => native.net.reserve({ owner: key, endpoints: input.endpoints }));
        case 'publish':
          return claimed(key, input.endpoints, options, () => native.net.publish({ owner: key, endpoints: input.endpoints }));
        case 'restart':
          return translated(key, noFacts, () => restartByPolicy(native, input));
        case 'stop':
          return stop(key, input, options);
        case 'remove':
          return remove(key, parseSlot(subject)?.slot ?? 0, input, removing);
      }
    },

    watch(wake, signal) {
      prober.listen(wake, signal);
      sweepOnce().catch((error: unknown) => log.warn('files of instances that are gone were not removed', { error: String(error) }));
      const unsubscribe = native.onEvent((event) => {
        if (event.type === 'link') return;
        const keys = event.type === 'table' ? publishers(native) : ownerOf(event.id, native);
        keys.then(
          (all) => {
            for (const key of signal.aborted ? [] : all) wake(key);
          },
          (error: unknown) => log.warn('event not resolved', { type: event.type, error: String(error) }),
        );
      });
      signal.addEventListener('abort', unsubscribe, { once: true });
    },
  };
}

/** Everything the instance's mounts and messages need is there before the native side hears of it. */
async function create(key: Key, input: ContainerCreateInput, options: ContainerControllerOptions): Promise<void> {
  const { native } = options;
  const spec = processSpec(input, await openEnvironment(input, options.secrets), native.host, options);
  ensureSkeleton(options);
  await prepareMounts(input);
  const own = instanceDirectory(options, input.instance);
  const facts = startFactsOf(input, spec);
  // First, because it says which slot the rest of the directory belongs to.
  writeStartFacts(own, facts);
  rewriteRunFile(join(own, 'hostname'), `${spec.hostname}\n`, 0o644);
  writeNames(input, own, options);
  try {
    await translated(
      key,
      () => facts,
      () => native.containers.create(spec, { start: true }),
    );
  } catch (error) {
    await discardFiles(input.instance, options);
    throw error;
  }
}

/** In place: the instance has mounts of these files, also when a `create` before this one made it. */
function writeNames(owner: NamesOwner, directory: string, { resolvPath = '/etc/resolv.conf' }: ContainerControllerOptions): void {
  if (owner.resource.spec.networkMode === 'host') return;
  rewriteRunFile(join(directory, 'hosts'), hostsText(owner), 0o644);
  const resolv = resolvText(owner, readRunText(resolvPath) ?? '');
  if (resolv !== null) rewriteRunFile(join(directory, 'resolv.conf'), resolv, 0o644);
}

/** Of an instance that could not be made nothing stays: the next try is another one. Where it half exists, its removal takes the files. */
async function discardFiles(instance: InstanceId, options: ContainerControllerOptions): Promise<void> {
  const { containers, layers } = options.native;
  const isAbsent = await containers.status(instance).then(
    (status) => status === null,
    () => false,
  );
  if (!isAbsent) return;
  await rm(instanceDirectory(options, instance), { recursive: true, force: true });
  await layers.removeTree(logDirectory(options, instance));
}

async function start(key: Key, instance: InstanceId, options: ContainerControllerOptions): Promise<void> {
  const facts = () => readStartFacts(instanceDirectory(options, instance));
  await translated(key, facts, () => options.native.containers.start(instance));
}

/** What was told is written after it was told: a crash in between tells it again. */
async function update(key: Key, input: InputOf<'update'>, options: ContainerControllerOptions): Promise<void> {
  const { native } = options;
  const { spec } = input.resource;
  const status = await native.containers.status(input.instance);
  const imageSignal = parseIdentity(status?.identity ?? '')?.image.stopSignal ?? null;
  const change = { limits: limitsOf(spec), restart: restartPolicyOf(spec), stop: stopPolicyOf(spec, imageSignal) };
  await translated(key, noFacts, () => native.containers.update(input.instance, change));
  writeNames(input, instanceDirectory(options, input.instance), options);
  const told: Told = { updateHash: input.updateHash, stopSignal: stopSignalOf(spec, imageSignal), graceMs: spec.gracePeriodMs };
  writeRunFile(toldPath(options, input.instance), `${JSON.stringify(told)}\n`, 0o600);
}

/** The kernel's word counts for whether a port is free; who has it is asked only then. */
async function claimed(
  key: Key,
  endpoints: readonly Endpoint[],
  options: ContainerControllerOptions,
  call: () => Promise<void>,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    const isServed = error.code === 'EADDRINUSE';
    const message = (isServed ? await servedBy(endpoints, options) : null) ?? error.message;
    const isTaken = isServed || error.code === 'EEXIST' || error.code === 'E_PUBLISHED';
    const hint = isTaken ? { hint: 'stop it, or publish another host port' } : {};
    throw new TsdockError(isTaken ? 'PRT010' : 'NET010', { key, message, ...hint, cause: error });
  }
}

/** The first of these ports that another process serves, and which; null when it has ended since. */
async function servedBy(endpoints: readonly Endpoint[], { native, procDir = '/proc' }: ContainerControllerOptions): Promise<string | null> {
  const listeners = await hostListeners(procDir);
  const published = new Set((await native.net.dump()).published.map(portText));
  for (const endpoint of endpoints.filter((wanted) => !published.has(portText(wanted)))) {
    const conflict = conflictWith(endpoint, listeners);
    if (conflict === null) continue;
    const protocol = endpoint.protocol === 'tcp' ? '' : `/${endpoint.protocol}`;
    return `${endpoint.hostIP ?? '0.0.0.0'}:${endpoint.hostPort}${protocol} is in use by ${await holderOf(conflict, procDir)}`;
  }
  return null;
}

/** An instance that is gone is stopped. */
async function stop(key: Key, input: InputOf<'stop'>, options: ContainerControllerOptions): Promise<void> {
  const { containers } = options.native;
  const how = { signal: signalNumber(input.signal) ?? 15, graceMs: input.graceMs, by: input.by };
  try {
    await translated(key, noFacts, () => containers.stop(input.instance, how));
  } catch (error) {
    if ((await containers.status(input.instance)) !== null) throw error;
  }
}

async function remove(key: Key, slot: number, input: InputOf<'remove'>, options: Removing): Promise<void> {
  await translated(key, noFacts, () => options.native.containers.remove(input.instance, { logs: false }));
  await sweepSlot(key, slot, input.keepLogs, options);
}

/** Removes files of instances that an engine before this one had removed, or not made yet, when it died. Done before the first action, so nobody is making one meanwhile. */
async function sweepInstances(options: ContainerControllerOptions): Promise<void> {
  const ids = await listDirectories(dirname(instanceDirectory(options, 'any')));
  if (ids.length === 0) return;
  const living = new Set(await options.native.containers.ids());
  for (const id of ids) if (!living.has(id)) await rm(instanceDirectory(options, id), { recursive: true, force: true });
}

/**
 * Removes what instances of a slot left behind that are not there any more: their files, also of one whose making was cut off by a crash, the writable layers of those that a
 * reboot ended, and their logs but for the newest ones. A slot has one action at a time, so nobody is making one meanwhile.
 */
async function sweepSlot(key: Key, slot: number, keepLogs: number, options: Removing): Promise<void> {
  const { containers, layers } = options.native;
  const living = new Set(await containers.ids());
  for (const id of await listDirectories(dirname(instanceDirectory(options, 'any')))) {
    const directory = instanceDirectory(options, id);
    const facts = living.has(id) ? null : readStartFacts(directory);
    if (facts?.key === key && facts.slot === slot) await rm(directory, { recursive: true, force: true });
  }
  const dead = (await listLogDirectories(options.stateDir, options.knownLogs)).filter((logs) => !living.has(logs.instance));
  for (const logs of surplusLogs(dead, key, slot, 0)) await layers.removeTree(upperDirectory(options, logs.instance));
  for (const logs of surplusLogs(dead, key, slot, keepLogs)) await layers.removeTree(logs.path);
}

/** `facts` are only read when the call failed. */
async function translated<T>(key: Key, facts: () => StartFacts | null | Promise<StartFacts | null>, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof NativeError ? await containerError(error, key, await facts()) : error;
  }
}

const noFacts = () => null;

function readTold(options: ContainerControllerOptions, instance: InstanceId): Told | null {
  const value = readRunJson(toldPath(options, instance));
  return typeof value === 'object' && value !== null && 'updateHash' in value ? (value as Told) : null;
}

function toldPath(options: ContainerControllerOptions, instance: InstanceId): string {
  return join(instanceDirectory(options, instance), 'told.json');
}

async function ownerOf(instance: InstanceId, native: Pick<Native, 'containers'>): Promise<readonly Key[]> {
  const status = await native.containers.status(instance);
  const identity = status === null ? null : parseIdentity(status.identity);
  return identity === null ? [] : [identity.key];
}

async function publishers(native: Pick<Native, 'net'>): Promise<readonly Key[]> {
  return [...new Set((await native.net.dump()).published.map((port) => port.owner as Key))];
}

function portText(port: { readonly protocol: string; readonly hostIP: string | null; readonly hostPort: number }): string {
  return `${port.protocol} ${port.hostIP ?? '0.0.0.0'} ${port.hostPort}`;
}

/** Statuses of all instances, or of those of one container: an identity never changes, so instances that are known to belong to others are not asked. */
function statusesByKey(containers: Native['containers']): (key: Key | undefined) => Promise<readonly InstanceStatus[]> {
  const owners = new Map<InstanceId, Key>();
  return async (key) => {
    const ids = await containers.ids();
    const present = new Set(ids);
    for (const id of owners.keys()) if (!present.has(id)) owners.delete(id);
    const asked = key === undefined ? ids : ids.filter((id) => (owners.get(id) ?? key) === key);
    const found = (await Promise.all(asked.map((id) => containers.status(id)))).filter((status) => status !== null);
    const known = found.map((status) => ({ status, owner: parseIdentity(status.identity)?.key ?? null }));
    for (const { status, owner } of known) if (owner !== null) owners.set(status.id, owner);
    return known.filter(({ owner }) => key === undefined || owner === key).map(({ status }) => status);
  };
}
