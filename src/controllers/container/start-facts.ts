import { join } from 'node:path';
import type { ContainerCreateInput } from '../../model/plan.ts';
import type { ResourceKey } from '../../model/resource.ts';
import type { InstanceSpec } from '../../native/index.ts';
import { readRunJson, writeRunFile } from '../../store/run-files.ts';

/** What a message about a failed start needs to know; kept beside the instance, because `start` may be another process's work than `create`. */
export interface StartFacts {
  readonly key: ResourceKey<'Container'>;
  readonly slot: number;
  readonly container: string;
  readonly imageRef: string;
  readonly argv0: string;
  readonly cwd: string;
  readonly path: string;
  readonly user: string;
  /** Unpacked trees, lowest first. */
  readonly layers: readonly string[];
}

export function startFactsOf(input: ContainerCreateInput, spec: InstanceSpec): StartFacts {
  const path = spec.process.env.find((line) => line.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  return {
    key: input.resource.key,
    slot: input.slot,
    container: input.resource.name,
    imageRef: input.image.ref,
    argv0: spec.process.argv[0] ?? '',
    cwd: spec.process.cwd,
    path,
    user: spec.process.user,
    layers: input.image.layers.map((layer) => layer.directory),
  };
}

export function writeStartFacts(directory: string, facts: StartFacts): void {
  writeRunFile(join(directory, 'start.json'), `${JSON.stringify(facts)}\n`, 0o600);
}

/** Null when they are gone: then the message is a plainer one. */
export function readStartFacts(directory: string): StartFacts | null {
  const value = readRunJson(join(directory, 'start.json'));
  return typeof value === 'object' && value !== null && 'argv0' in value ? (value as StartFacts) : null;
}
