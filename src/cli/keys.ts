/** `KIND/NAME` and `KIND` as people write them. */
import { didYouMean } from '../manifest/diagnostic.ts';
import type { EngineApi } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import {
  namespaceOf,
  type ObjectKind,
  objectKinds,
  parseKey,
  parseSlot,
  type ResourceKey,
  resourceKey,
  resourceOf,
  type SubjectKey,
} from '../model/resource.ts';
import type { Globals } from './command.ts';
import { usage } from './command.ts';

export const defaultNamespace = 'default';

/** A kind in any case, singular or plural. CLI010 with the nearest one. */
export function parseKind(word: string): ObjectKind {
  const plain = word.toLowerCase();
  const kind = objectKinds.find((candidate) => candidate.toLowerCase() === plain || `${candidate.toLowerCase()}s` === plain);
  if (kind === undefined) throw usage(`unknown kind "${word}"`, didYouMean(word, objectKinds) ?? `kinds are ${objectKinds.join(', ')}`);
  return kind;
}

/** `container/web`, `container/shop/web`; an image's name keeps its slashes and belongs to no namespace unless an Image object of that name is meant. */
export function parseObject(word: string, { namespace }: Globals): ResourceKey {
  const [kindWord = '', ...rest] = word.split('/');
  if (rest.length === 0 || rest.some((part) => part === '')) throw usage(`"${word}" is not KIND/NAME`, 'container/web');
  const kind = parseKind(kindWord);
  if (kind === 'Image' && rest.length > 1) return resourceKey(kind, '_', (rest[0] === '_' ? rest.slice(1) : rest).join('/'));
  if (rest.length > 2) throw usage(`"${word}" is not KIND/NAME`, 'container/web, or container/shop/web');
  const [first = '', second] = rest;
  return second === undefined
    ? resourceKey(kind, namespaceOf(kind, namespace ?? defaultNamespace), first)
    : resourceKey(kind, namespaceOf(kind, first), second);
}

/** A container by its name, with or without `container/` before it. */
export function parseContainer(word: string, globals: Globals): ResourceKey<'Container'> {
  const key = parseObject(word.includes('/') ? word : `container/${word}`, globals);
  if (!key.startsWith('Container/')) throw usage(`"${word}" is not a Container`, 'tsdock stop web');
  return key as ResourceKey<'Container'>;
}

/** The namespace and name of an instance or container: `web`, `web-1`, `container/web`, `shop/web-1`. */
export function parseInstance(word: string, globals: Globals): { readonly namespace: string; readonly name: string } {
  const parts = word.split('/');
  const [first = '', second] = /^containers?$/i.test(parts[0] ?? '') && parts.length > 1 ? parts.slice(1) : parts;
  if (first === '' || parts.length > 3) throw usage(`"${word}" is not the name of an instance`, 'web, web-1, or shop/web-1');
  return second === undefined ? { namespace: globals.namespace ?? defaultNamespace, name: first } : { namespace: first, name: second };
}

/** `Container web`, `Container shop/web-1`, `Image registry.test/web:2`: a subject as messages name it. */
export function describeSubject(subject: SubjectKey): string {
  const { kind, namespace, name } = parseKey(resourceOf(subject));
  const slot = parseSlot(subject);
  const shown = slot === null ? name : `${name}-${slot.slot}`;
  return namespace === defaultNamespace || namespace === '_' ? `${kind} ${shown}` : `${kind} ${namespace}/${shown}`;
}

/** What a name that neither a container nor an instance has should have been; null: there is one. */
export async function notAnInstance(
  engine: EngineApi,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<TsdockError | null> {
  const [containers, instances] = await Promise.all([
    engine.resources({ kind: 'Container', namespace, name: null }),
    engine.instances({ namespace }),
  ]);
  const names = [...containers.map(({ metadata }) => metadata.name), ...instances.map((instance) => instance.name)];
  return names.includes(name) ? null : await notFound(engine, resourceKey('Container', namespace, name));
}

/** ` -n shop` after a name in a command that is proposed; empty for the default namespace and for what has none. */
export function namespaceFlag(namespace: string): string {
  return namespace === defaultNamespace || namespace === '_' ? '' : ` -n ${namespace}`;
}

/** CLI021 with the nearest name that exists. */
export async function notFound(engine: EngineApi, key: ResourceKey): Promise<TsdockError> {
  const { kind, namespace, name } = parseKey(key);
  const others = await engine.resources({ kind: kind as ObjectKind, namespace: null, name: null });
  const here = others.filter((other) => other.metadata.namespace === namespace).map((other) => other.metadata.name);
  const elsewhere = others.find((other) => other.metadata.name === name);
  const hint = didYouMean(name, here) ?? (elsewhere === undefined ? null : `-n ${elsewhere.metadata.namespace}`);
  const where = namespace === defaultNamespace || namespace === '_' ? '' : ` in namespace "${namespace}"`;
  return new TsdockError('CLI021', { message: `no ${kind} "${name}"${where}`, key, ...(hint === null ? {} : { hint }) });
}
