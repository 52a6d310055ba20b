import { isUtf8 } from 'node:buffer';
import { TsdockError } from '../../model/errors.ts';
import type { ContainerCreateInput, OwnedValue } from '../../model/plan.ts';
import { isOwnedValue } from './environment.ts';
import { instanceName } from './instance.ts';

export interface EnvironmentOptions {
  readonly open: (value: OwnedValue) => Promise<Buffer>;
  /** Whether what the native side keeps of an instance lies in memory: its plan has the variables. */
  readonly isInMemory: () => Promise<boolean>;
}

/**
 * Clear texts of the variables that come from elsewhere. SEC010 where a value of a Secret would reach a disk, SEC013 for one that no variable can hold; neither tells
 * anything of the value.
 */
export async function openEnvironment(input: ContainerCreateInput, options: EnvironmentOptions): Promise<Readonly<Record<string, string>>> {
  const { resource, environment } = input;
  const { key, name: container } = resource;
  const opened: [string, string][] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (typeof value === 'string') opened.push([name, value]);
    else if (!isOwnedValue(value)) opened.push([name, factOf(input, value.field)]);
    else
      opened.push([
        name,
        textOf(await options.open(value), () => new TsdockError('SEC013', { key, message: describeBytes(container, name, value) })),
      ]);
  }
  if (Object.values(environment).some(isOwnedValue) && !(await options.isInMemory())) {
    throw new TsdockError('SEC010', {
      key,
      message: `${container}: variables from a Secret are kept in the run directory while it runs, which is on a disk`,
      hint: 'mount a tmpfs there, or mount the Secret as files',
    });
  }
  return Object.fromEntries(opened);
}

function textOf(bytes: Buffer, error: () => TsdockError): string {
  if (!isUtf8(bytes) || bytes.includes(0)) throw error();
  return bytes.toString();
}

function describeBytes(container: string, name: string, { owner, key }: OwnedValue): string {
  return `${container}: ${JSON.stringify(key)} of ${owner} is no text, variable ${name} cannot hold it`;
}

function factOf({ resource, slot, uid, networks }: ContainerCreateInput, field: string): string {
  switch (field) {
    case 'metadata.name':
      return instanceName(resource.name, slot);
    case 'metadata.namespace':
      return resource.namespace;
    case 'metadata.uid':
      return uid;
    default:
      return networks[0]?.address ?? '';
  }
}
