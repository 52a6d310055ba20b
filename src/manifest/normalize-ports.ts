import { formatAddress, parseAddress } from '../model/address.ts';
import type { ContainerFields } from '../model/generated/manifests.ts';
import type { ContainerSpec, Port } from '../model/spec.ts';
import { originAt, reportAt, type SpecContext } from './context.ts';
import { compareText, type Path, quote } from './diagnostic.ts';
import { isLabel, type PortRange, parsePortText } from './values.ts';

type PortField = NonNullable<ContainerFields['ports']>[number];

interface WrittenPort {
  readonly name: string | null;
  readonly hostIP: string | null;
  readonly host: PortRange | null;
  readonly container: PortRange;
  readonly protocol: 'tcp' | 'udp';
}

/** Ranges written out, one entry a port, sorted; equal entries once. */
export function normalizePorts(context: SpecContext, ports: readonly PortField[], mode: ContainerSpec['networkMode']): readonly Port[] {
  const expanded = ports.flatMap((field, index) => {
    const path: Path = ['ports', index];
    const written = readPort(context, field, path);
    if (written === null || !checkPort(context, written, path)) return [];
    if (written.host !== null && mode !== 'bridge') {
      reportAt(context, path, {
        code: 'PRT005',
        message: `ports are published with networkMode bridge only, this is ${mode}`,
        hint: 'remove the host port',
      });
      return [];
    }
    return expand(context, written, path);
  });
  return expanded.sort(comparePorts).filter((port, index) => index === 0 || identity(port) !== identity(expanded[index - 1] ?? port));
}

/** `0.0.0.0:8080/tcp`: how messages and `fields` name a published port. */
export function formatHostPort(port: Pick<Port, 'hostIP' | 'hostPort' | 'protocol'>): string {
  return `${port.hostIP ?? '0.0.0.0'}:${port.hostPort}/${port.protocol}`;
}

function readPort(context: SpecContext, field: PortField, path: Path): WrittenPort | null {
  if (typeof field === 'object') return readLongForm(context, field, path);
  if (typeof field === 'number') return { name: null, hostIP: null, host: null, container: { first: field, last: field }, protocol: 'tcp' };
  const text = parsePortText(field);
  if (text !== null) return { name: null, ...text, hostIP: readHostAddress(context, text.hostIP, path) };
  reportAt(context, path, { code: 'PRT003', message: `${quote(field)} is not [ip:][host:]container[/protocol]` });
  return null;
}

function readLongForm(context: SpecContext, field: Exclude<PortField, string | number>, path: Path): WrittenPort {
  if (field.name !== undefined && !isLabel(field.name)) {
    reportAt(context, [...path, 'name'], {
      code: 'SCH012',
      message: `name ${quote(field.name)} may only have a-z, 0-9 and "-", and starts and ends with a letter or digit`,
    });
  }
  return {
    name: field.name ?? null,
    hostIP: readHostAddress(context, field.hostIP ?? null, [...path, 'hostIP']),
    host: field.hostPort === undefined ? null : { first: field.hostPort, last: field.hostPort },
    container: { first: field.containerPort, last: field.containerPort },
    protocol: field.protocol?.toLowerCase() === 'udp' ? 'udp' : 'tcp',
  };
}

/** Null: every address of the host. */
function readHostAddress(context: SpecContext, text: string | null, path: Path): string | null {
  if (text === null || text === '' || text === '0.0.0.0') return null;
  const address = parseAddress(text);
  if (address !== null) return formatAddress(address);
  const hint = text.includes(':') ? 'IPv6 comes with M2' : 'e.g. 127.0.0.1';
  reportAt(context, path, { code: 'PRT004', message: `host address ${quote(text)} is not an IPv4 address`, hint });
  return null;
}

function checkPort(context: SpecContext, { host, container }: WrittenPort, path: Path): boolean {
  const wrong = [container, host]
    .flatMap((range) => (range === null ? [] : [range.first, range.last]))
    .find((port) => port < 1 || port > 65_535);
  if (wrong !== undefined) {
    const meant = Math.floor(wrong / 10);
    reportAt(context, path, {
      code: 'PRT001',
      message: `port ${wrong} is not in 1-65535`,
      hint: meant >= 1 && meant <= 65_535 ? `did you mean ${meant}?` : null,
    });
    return false;
  }
  const backwards = [container, host].find((range) => range !== null && range.last < range.first);
  if (backwards) {
    reportAt(context, path, {
      code: 'PRT003',
      message: `range ${backwards.first}-${backwards.last} runs backwards`,
      hint: `${backwards.last}-${backwards.first}`,
    });
    return false;
  }
  if (host === null || lengthOf(host) === lengthOf(container)) return true;
  reportAt(context, path, {
    code: 'PRT003',
    message: `${lengthOf(host)} host ports cannot be published to ${lengthOf(container)} container ports`,
    hint: 'ranges of the same length',
  });
  return false;
}

function lengthOf(range: PortRange): number {
  return range.last - range.first + 1;
}

function expand(context: SpecContext, written: WrittenPort, path: Path): readonly Port[] {
  const origin = originAt(context, path);
  return Array.from({ length: lengthOf(written.container) }, (_, step) => {
    const port: Port = {
      name: written.name,
      containerPort: written.container.first + step,
      hostPort: written.host === null ? null : written.host.first + step,
      hostIP: written.host === null ? null : written.hostIP,
      protocol: written.protocol,
    };
    if (port.hostPort !== null) {
      const name = `ports[${formatHostPort(port)}]`;
      if (Object.hasOwn(context.fields, name)) reportTwice(context, port, path, name);
      else context.fields[name] = origin;
    }
    return port;
  });
}

function reportTwice(context: SpecContext, port: Port, path: Path, name: string): void {
  const first = context.fields[name];
  const message = `host port ${formatHostPort(port)} is already used by Container ${quote(context.name)} (${first?.file}:${first?.line}:${first?.column})`;
  reportAt(context, path, { code: 'PRT002', message });
}

function identity(port: Port): string {
  return JSON.stringify([port.containerPort, port.protocol, port.hostPort, port.hostIP, port.name]);
}

function comparePorts(left: Port, right: Port): number {
  return (
    left.containerPort - right.containerPort ||
    compareText(left.protocol, right.protocol) ||
    (left.hostPort ?? 0) - (right.hostPort ?? 0) ||
    compareText(left.hostIP ?? '', right.hostIP ?? '') ||
    compareText(left.name ?? '', right.name ?? '')
  );
}
