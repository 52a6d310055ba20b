import { type Cidr, containsAddress, containsCidr, formatCidr, parseAddress, parseCidr } from '../model/address.ts';
import type {
  ConfigFields,
  ContainerFields,
  ImageFields,
  NetworkFields,
  RegistryFields,
  SecretFields,
  VolumeFields,
} from '../model/generated/manifests.ts';
import {
  type AnyResource,
  type Labels,
  namespaceOf,
  type ObjectKind,
  type ObjectSpecs,
  type ResourceKey,
  resourceKey,
  type SetId,
  unsealedHash,
} from '../model/resource.ts';
import type { ImageSpec, NetworkSpec, VolumeSpec } from '../model/spec.ts';
import { collectFields, readImageText, readMode, reportAt, resolvePath, type SpecContext } from './context.ts';
import { compareText, type Path, quote, type Report } from './diagnostic.ts';
import { hashSpec } from './hash.ts';
import type { Lock } from './lock.ts';
import { normalizeContainer } from './normalize-container.ts';
import { normalizeConfig, normalizeSecret } from './normalize-content.ts';
import { normalizeNetworkDns } from './normalize-names.ts';
import { normalizeRegistry } from './normalize-registry.ts';
import { readSignatureRule } from './normalize-signatures.ts';
import { type Outside, type Want, wantKey } from './outside.ts';
import { positionAt, type Source } from './source.ts';
import { createRecord, offsetOf } from './tree.ts';
import type { CheckedDocument } from './validate.ts';

export interface NormalizeInput {
  readonly source: Source;
  readonly document: CheckedDocument;
  readonly set: SetId;
  /** Absolute directory that relative paths start from. */
  readonly directory: string;
  /** Image objects a Container may name, of this input and of other sets. */
  readonly images: ReadonlySet<ResourceKey>;
  /** `tsdock.lock` of that directory; empty: none. */
  readonly lock: Lock;
  readonly outside: Outside;
  /** Told of everything that is looked up in `outside`. */
  readonly onWant: (want: Want) => void;
}

/**
 * A valid document → its resource: short forms written out, defaults filled in, references as keys, free orders sorted. Short and long forms of the same give the
 * same spec and hash. Null when a value has no meaning (a size, a port, a reference …); each is reported.
 */
export function normalize(input: NormalizeInput, report: Report): AnyResource | null {
  const { source, document } = input;
  let failed = false;
  const kind = document.kind as ObjectKind;
  const context: SpecContext = {
    source,
    root: document.root,
    name: document.name,
    namespace: document.namespace,
    directory: input.directory,
    images: input.images,
    lock: input.lock,
    ask: (want) => {
      input.onWant(want);
      return input.outside.get(wantKey(want)) ?? null;
    },
    refs: [],
    fields: collectFields(source, document.root),
    report: (finding) => {
      failed ||= finding.severity === undefined || finding.severity === 'error';
      report(kind === 'Secret' ? { ...finding, hidden: true } : finding);
    },
  };
  const namespace = namespaceOf(kind, document.namespace);
  const spec = specOf(context, kind, document.spec);
  if (failed) return null;
  const origin = { file: source.file, ...positionAt(source, offsetOf(document.root, ['metadata', 'name'])) };
  return {
    key: resourceKey(kind, namespace, document.name),
    kind,
    namespace,
    name: document.name,
    labels: readLabels(document.metadata.labels),
    annotations: readLabels(document.metadata.annotations),
    spec,
    // A hash of clear values would let them be tried out: the engine hashes a Secret when it has sealed it.
    specHash: kind === 'Secret' ? unsealedHash : hashSpec(kind, spec as ObjectSpecs[typeof kind]),
    refs: context.refs,
    set: input.set,
    origin,
    implicit: false,
    fields: context.fields,
  } as AnyResource;
}

function specOf(context: SpecContext, kind: ObjectKind, spec: unknown): ObjectSpecs[ObjectKind] {
  switch (kind) {
    case 'Container':
      return normalizeContainer(context, spec as ContainerFields);
    case 'Image':
      return normalizeImage(context, spec as ImageFields);
    case 'Network':
      return normalizeNetwork(context, spec as NetworkFields);
    case 'Volume':
      return normalizeVolume(context, spec as VolumeFields);
    case 'Config':
      return normalizeConfig(context, spec as ConfigFields);
    case 'Registry':
      return normalizeRegistry(context, spec as RegistryFields);
    case 'Secret':
      return normalizeSecret(context, spec as SecretFields);
  }
}

function readLabels(value: unknown): Labels {
  return createRecord(Object.entries((value ?? {}) as Labels).sort(([left], [right]) => compareText(left, right)));
}

function normalizeImage(context: SpecContext, spec: ImageFields): ImageSpec {
  return {
    ref: readImageText(context, spec.ref, ['ref']) ?? '',
    pullPolicy: spec.pullPolicy ?? 'IfNotPresent',
    keep: spec.keep ?? true,
    verify: spec.verify === undefined ? null : readSignatureRule(context, spec.verify, ['verify']),
  };
}

// --------------------------------------------------------------------------------------------------------------------- Network

function normalizeNetwork(context: SpecContext, spec: NetworkFields): NetworkSpec {
  const subnet = readSubnet(context, spec.subnet, ['subnet']);
  const ipRange = readSubnet(context, spec.ipRange, ['ipRange']);
  if (spec.subnet !== undefined && subnet !== null && subnet.prefix > 30) {
    reportAt(context, ['subnet'], {
      code: 'NET005',
      message: `subnet ${formatCidr(subnet)} has no room for a gateway and a container`,
      hint: 'a prefix of /30 or shorter',
    });
  }
  checkInside(context, spec, subnet, ipRange);
  return {
    driver: 'bridge',
    subnet: subnet === null ? null : formatCidr(subnet),
    gateway: spec.gateway ?? null,
    ipRange: ipRange === null ? null : formatCidr(ipRange),
    isolated: spec.isolated ?? true,
    masquerade: spec.masquerade ?? true,
    mtu: readMtu(context, spec.mtu),
    dns: normalizeNetworkDns(context, spec.dns ?? {}),
  };
}

function readSubnet(context: SpecContext, text: string | undefined, path: Path): Cidr | null {
  if (text === undefined) return null;
  const parsed = parseCidr(text);
  if (parsed === null) {
    const hint = text.includes(':') ? 'IPv6 comes with M2' : 'e.g. 10.5.0.0/24';
    reportAt(context, path, { code: 'NET004', message: `${path.at(-1)} ${quote(text)} is not an IPv4 network in CIDR form`, hint });
    return null;
  }
  if (parsed.hostBits) reportAt(context, path, { code: 'NET002', message: `${text} has host bits set`, hint: formatCidr(parsed.cidr) });
  return parsed.cidr;
}

function checkInside(context: SpecContext, spec: NetworkFields, subnet: Cidr | null, ipRange: Cidr | null): void {
  const gateway = spec.gateway === undefined ? null : parseAddress(spec.gateway);
  if (spec.gateway !== undefined && gateway === null) {
    reportAt(context, ['gateway'], {
      code: 'NET004',
      message: `gateway ${quote(spec.gateway)} is not an IPv4 address`,
      hint: 'e.g. 10.5.0.1',
    });
  }
  if (subnet === null) {
    for (const name of ['gateway', 'ipRange'] as const) {
      if (spec[name] !== undefined && spec.subnet === undefined) {
        reportAt(context, [name], { code: 'NET006', message: `${name} needs a subnet`, hint: 'add subnet, or leave both to the pool' });
      }
    }
    return;
  }
  if (gateway !== null && !containsAddress(subnet, gateway)) {
    reportAt(context, ['gateway'], { code: 'NET003', message: `${spec.gateway} is outside the subnet ${formatCidr(subnet)}` });
  }
  if (ipRange !== null && !containsCidr(subnet, ipRange)) {
    reportAt(context, ['ipRange'], { code: 'NET003', message: `${formatCidr(ipRange)} is outside the subnet ${formatCidr(subnet)}` });
  }
}

function readMtu(context: SpecContext, value: number | string | undefined): number | null {
  if (value === undefined || value === 'auto') return null;
  if (typeof value === 'number' && value >= 576 && value <= 65_535) return value;
  reportAt(context, ['mtu'], { code: 'NET007', message: `mtu ${quote(value)} is neither auto nor 576 to 65535` });
  return null;
}

// ---------------------------------------------------------------------------------------------------------------------- Volume

function normalizeVolume(context: SpecContext, spec: VolumeFields): VolumeSpec {
  const driver = spec.driver ?? 'local';
  if (driver === 'bind' && spec.hostPath === undefined) {
    reportAt(context, ['driver'], { code: 'VOL007', message: 'driver bind needs hostPath', hint: 'add the path of the host' });
  }
  if (driver !== 'bind' && spec.hostPath !== undefined) {
    reportAt(context, ['hostPath'], {
      code: 'VOL007',
      message: `hostPath belongs to driver bind, this is ${driver}`,
      hint: 'driver: bind',
    });
  }
  return {
    driver,
    hostPath: spec.hostPath === undefined ? null : resolvePath(context, spec.hostPath),
    accessMode: spec.accessMode ?? 'ReadWriteOnce',
    owner: { uid: spec.owner?.uid ?? null, gid: spec.owner?.gid ?? null, mode: readMode(context, ['owner', 'mode'], spec.owner?.mode) },
    reclaimPolicy: spec.reclaimPolicy ?? 'Retain',
  };
}
