/** What a person can do about each reason of a status or a plan. Complete by the compiler: a reason without advice is no reason to show. Pure. */
import type { ReasonCode, ResourceRecord } from '../model/plan.ts';
import { type AnyResource, parseKey, type ResourceKey } from '../model/resource.ts';
import { showSize } from '../model/size.ts';

export interface Trouble {
  readonly key: ResourceKey;
  readonly desired: AnyResource | null;
  readonly record: ResourceRecord | null;
}

/** Commands and changes that end a reason, best first; none where nothing has to be done. */
export function nextSteps(reason: ReasonCode | 'Ready', trouble: Trouble): readonly string[] {
  return steps[reason](wordsOf(trouble));
}

/** How commands name it. */
interface Words {
  readonly kind: string;
  readonly name: string;
  /** `container/web -n shop` */
  readonly object: string;
  /** `web -n shop`, after a command or a kind */
  readonly named: string;
  readonly set: string;
  /** ` (web.yaml:4)`, where the first of these fields that the document has stands, else the document; empty for what no document declares. */
  readonly at: (...fields: readonly string[]) => string;
  readonly memoryBytes: number | null;
  readonly isStoppedByHand: boolean;
}

function wordsOf({ key, desired, record }: Trouble): Words {
  const { kind, namespace, name } = parseKey(key);
  const where = namespace === 'default' || namespace === '_' ? '' : ` -n ${namespace}`;
  const at = (...fields: readonly string[]): string => {
    if (desired === null || desired.implicit) return '';
    const { file, line } = fields.map((field) => desired.fields[field]).find((origin) => origin !== undefined) ?? desired.origin;
    return ` (${file}:${line})`;
  };
  return {
    kind,
    name,
    object: `${kind.toLowerCase()}/${name}${where}`,
    named: `${name}${where}`,
    set: record?.set ?? desired?.set ?? '',
    at,
    memoryBytes: desired?.kind === 'Container' ? desired.spec.limits.memoryBytes : null,
    isStoppedByHand: record !== null && record.stoppedAt !== null,
  };
}

type Steps = (words: Words) => readonly string[];

const nothing: Steps = () => [];
const wait: Steps = ({ kind, named }) => [`it is being worked on: tsdock get ${kind.toLowerCase()} ${named} -w`];
const change =
  (what: string, ...fields: readonly string[]): Steps =>
  ({ at }) => [`change ${what}${at(...fields)}`];
const start: Steps = ({ named, at, isStoppedByHand }) =>
  isStoppedByHand ? [`tsdock start ${named}`] : [`set state: Running${at('state')}`];
const declare: Steps = () => ['apply a manifest that has it'];
const readLog: Steps = ({ named }) => [`tsdock logs ${named} --previous`];
const events: Steps = ({ object }) => [`tsdock describe ${object} shows its events`];

const steps: Readonly<Record<ReasonCode | 'Ready', Steps>> = {
  Ready: nothing,
  Completed: nothing,
  Created: wait,
  SpecChanged: wait,
  ImageChanged: wait,
  ContentChanged: wait,
  NotRunning: wait,
  Deleted: wait,
  Drifted: wait,
  Broken: wait,
  RestartRequested: wait,
  ScaledDown: wait,
  PortsChanged: wait,
  NamesChanged: wait,
  Replaced: wait,
  DependencyReplaced: wait,
  Lost: wait,
  ConcurrencyLimit: wait,
  WaitingForDependency: wait,
  WaitingForImage: wait,
  NotDesired: wait,
  NetworkMissing: declare,
  VolumeMissing: declare,
  ConfigMissing: declare,
  SecretMissing: declare,
  Stopped: start,
  Suspended: start,
  StillInUse: ({ object }) => ['delete what uses it', `tsdock delete ${object} --cascade`],
  Retained: ({ object }) => [`tsdock delete ${object} --allow-data-loss removes its data`],
  PruneHeld: ({ set }) => [`tsdock prune ${set} --confirm`],
  QuarantinedFile: () => ['mend the file that tsdock status names'],
  NotPruned: () => ['tsdock apply --prune with all manifests of its set'],
  SourceMissing: () => ['bring the watched directory back; what it declared stays until then'],
  SecretUndecryptable: () => ['give the engine the key that it was encrypted for'],
  VolumeInUse: () => ['stop what writes to it, or give it a volume of its own'],
  PortInUse: change('hostPort, or stop what serves it', 'ports'),
  AddressInUse: change('the address', 'networks'),
  SubnetConflict: change('subnet', 'subnet'),
  PoolExhausted: change('subnet, or remove networks that nothing uses', 'subnet'),
  ImagePullBackOff: ({ kind, name }) => (kind === 'Image' ? [`tsdock image pull ${name} tries now`] : []),
  CreateError: events,
  StartError: change('what it starts', 'command', 'args', 'image'),
  CrashLoopBackOff: readLog,
  ProbeFailing: ({ named, object }) => [`tsdock logs ${named}`, `tsdock describe ${object} shows its events`],
  Exited: ({ named }) => [`tsdock logs ${named}`, `tsdock restart ${named}`],
  OOMKilled: ({ memoryBytes, at }) => [
    `raise resources.limits.memory${memoryBytes === null ? '' : ` of ${showSize(memoryBytes)}`}${at('resources.limits.memory')}`,
  ],
  Protected: ({ object }) => [`tsdock delete ${object} --force`],
  OwnedElsewhere: () => ['tsdock apply --take-ownership'],
  BackOff: events,
  InternalError: () => ['it is tried again; the log of the engine says more'],
  Unsupervised: ({ named }) => [`tsdock restart ${named} brings its log and its restarts back`],
};
