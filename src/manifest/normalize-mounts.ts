import { posix } from 'node:path';
import type { ContainerFields } from '../model/generated/manifests.ts';
import type { FileAttributes, Mount } from '../model/spec.ts';
import { addRef, originAt, readMode, readRef, readSize, reportAt, resolvePath, type SpecContext } from './context.ts';
import { compareText, type Path, quote } from './diagnostic.ts';
import { bindSourceField } from './graph-host.ts';
import { nodeAt } from './tree.ts';
import { isPath, parseMountText } from './values.ts';

type MountField = NonNullable<ContainerFields['mounts']>[number];
type LongMount = Exclude<MountField, string>;

const sources = ['volume', 'config', 'secret', 'hostPath', 'tmpfs'] as const;
const defaultTmpfsMode = 0o1777;

/** Canonical mounts, sorted by target. */
export function normalizeMounts(context: SpecContext, fields: readonly MountField[]): readonly Mount[] {
  const mounts = fields.flatMap((field, index) => {
    const path: Path = ['mounts', index];
    const mount = typeof field === 'string' ? readShort(context, field, path) : readLong(context, field, path);
    if (mount === null) return [];
    checkTarget(context, mount, path);
    return [mount];
  });
  return mounts.sort((left, right) => compareText(left.target, right.target));
}

function readShort(context: SpecContext, text: string, path: Path): Mount | null {
  const parts = parseMountText(text);
  if (parts === null) {
    reportAt(context, path, { code: 'VOL002', message: `${quote(text)} is not source:target[:ro]`, hint: 'e.g. "data:/var/lib/data"' });
    return null;
  }
  const unknown = parts.options.find((option) => option !== 'ro' && option !== 'rw');
  if (unknown !== undefined) {
    reportAt(context, path, { code: 'VOL006', message: `mount option ${quote(unknown)} is not known`, hint: 'ro or rw' });
    return null;
  }
  const readOnly = parts.options.includes('ro');
  if (isPath(parts.source))
    return hostPathMount(context, parts.source, { target: readTarget(parts.target), readOnly, create: false }, path);
  const volume = readRef(context, 'Volume', parts.source, path);
  if (volume === null) return null;
  addRef(context, volume, 'Present', path);
  return { type: 'volume', volume, target: readTarget(parts.target), subPath: null, readOnly };
}

function readLong(context: SpecContext, field: LongMount, path: Path): Mount | null {
  const given = sources.filter((name) => field[name] !== undefined);
  const [source] = given;
  if (source === undefined || given.length > 1) {
    const found = given.length > 1 ? `found ${given.join(' and ')}` : 'found none';
    reportAt(context, path, { code: 'VOL002', message: `a mount needs one of ${sources.join(', ')}, ${found}` });
    return null;
  }
  checkStrangers(context, field, source, path);
  const target = readTarget(field.path);
  switch (source) {
    case 'volume': {
      const volume = readRef(context, 'Volume', field.volume ?? '', [...path, 'volume']);
      if (volume === null) return null;
      addRef(context, volume, 'Present', [...path, 'volume']);
      return { type: 'volume', volume, target, subPath: readSubPath(context, field.subPath, path), readOnly: field.readOnly ?? false };
    }
    case 'config': {
      const config = readRef(context, 'Config', field.config ?? '', [...path, 'config']);
      if (config === null) return null;
      addRef(context, config, 'Present', [...path, 'config']);
      const subPath = readSubPath(context, field.subPath, path);
      return { type: 'config', config, target, subPath, readOnly: true, files: readFileAttributes(context, field, path) };
    }
    case 'secret': {
      const secret = readRef(context, 'Secret', field.secret ?? '', [...path, 'secret']);
      if (secret === null) return null;
      addRef(context, secret, 'Present', [...path, 'secret']);
      const subPath = readSubPath(context, field.subPath, path);
      return { type: 'secret', secret, target, subPath, readOnly: true, files: readFileAttributes(context, field, path) };
    }
    case 'hostPath': {
      const options = { target, readOnly: field.readOnly ?? false, create: field.create ?? false };
      return hostPathMount(context, field.hostPath ?? '', options, [...path, 'hostPath']);
    }
    case 'tmpfs': {
      const inner = field.tmpfs ?? {};
      const sizePath = field.size === undefined ? [...path, 'tmpfs', 'size'] : [...path, 'size'];
      const modePath = field.mode === undefined ? [...path, 'tmpfs', 'mode'] : [...path, 'mode'];
      return {
        type: 'tmpfs',
        target,
        sizeBytes: readSize(context, sizePath, field.size ?? inner.size, null),
        mode: readMode(context, modePath, field.mode ?? inner.mode) ?? defaultTmpfsMode,
        readOnly: field.readOnly ?? false,
      };
    }
  }
}

/** Fields that mean nothing for this kind of mount would be lost in silence. */
function checkStrangers(context: SpecContext, field: LongMount, source: (typeof sources)[number], path: Path): void {
  const owners = {
    size: ['tmpfs'],
    mode: ['tmpfs', 'config', 'secret'],
    uid: ['config', 'secret'],
    gid: ['config', 'secret'],
    create: ['hostPath'],
    subPath: ['volume', 'config', 'secret'],
  } as const;
  for (const [name, allowed] of Object.entries(owners)) {
    if (field[name as keyof typeof owners] === undefined || (allowed as readonly string[]).includes(source)) continue;
    reportAt(context, [...path, name], {
      code: 'VOL008',
      message: `${name} has no meaning for a ${source} mount`,
      hint: `it belongs to ${allowed.join(' or ')}`,
    });
  }
  if ((source === 'config' || source === 'secret') && field.readOnly === false) {
    const message = `a ${source === 'config' ? 'Config' : 'Secret'} is always mounted read-only`;
    reportAt(context, [...path, 'readOnly'], { code: 'VOL008', message, hint: 'remove readOnly' });
  }
}

/** Ids above this are no ids: -1 means "leave it" to chown(2). */
const maxId = 2 ** 32 - 2;

function readFileAttributes(context: SpecContext, field: LongMount, path: Path): FileAttributes {
  const readId = (name: 'uid' | 'gid'): number | null => {
    const id = field[name];
    if (id === undefined || (id >= 0 && id <= maxId)) return id ?? null;
    reportAt(context, [...path, name], { code: 'SCH004', message: `${name} ${quote(id)} must be 0 to ${maxId}` });
    return null;
  };
  return { uid: readId('uid'), gid: readId('gid'), mode: readMode(context, [...path, 'mode'], field.mode) };
}

function hostPathMount(
  context: SpecContext,
  written: string,
  options: { readonly target: string; readonly readOnly: boolean; readonly create: boolean },
  path: Path,
): Mount | null {
  if (written === '') {
    reportAt(context, path, { code: 'VOL002', message: 'hostPath is empty' });
    return null;
  }
  const source = resolvePath(context, written);
  if (reachesEngineSocket(source)) {
    reportAt(context, path, {
      severity: 'warning',
      code: 'SEC003',
      message: 'mounting the tsdock socket gives this container root on the host',
    });
  }
  context.fields[bindSourceField(options.target, written)] = originAt(context, path);
  return { type: 'hostPath', source, ...options };
}

/** The socket itself or a directory it lies in. */
function reachesEngineSocket(source: string): boolean {
  const socket = '/run/tsdock/tsdock.sock';
  const plain = source.replace(/^\/var\/run(?=\/|$)/, '/run');
  return plain === '/' || plain === socket || socket.startsWith(`${plain}/`) || /\/tsdock\.sock$/.test(plain);
}

function readTarget(text: string): string {
  const normal = posix.normalize(text);
  return normal.length > 1 ? normal.replace(/\/$/, '') : normal;
}

function readSubPath(context: SpecContext, text: string | undefined, path: Path): string | null {
  if (text === undefined || text === '') return null;
  if (text.startsWith('/') || text.split('/').includes('..')) {
    reportAt(context, [...path, 'subPath'], {
      code: 'VOL004',
      message: `subPath ${quote(text)} must stay inside of what is mounted`,
      hint: 'a relative path without ".."',
    });
  }
  return posix.normalize(text);
}

function checkTarget(context: SpecContext, mount: Mount, path: Path): void {
  const at: Path = nodeAt(context.root, ['spec', ...path])?.type === 'mapping' ? [...path, 'path'] : path;
  const { target } = mount;
  if (
    !target.startsWith('/') ||
    /^\/(?:proc|sys)(?:\/|$)/.test(target) ||
    target === '/' ||
    written(context, at).split('/').includes('..')
  ) {
    const message = target.startsWith('/')
      ? `target ${quote(written(context, at))} may not be mounted over`
      : `target ${quote(target)} is not an absolute path`;
    reportAt(context, at, { code: 'VOL004', message });
    return;
  }
  const name = `mounts[${target}]`;
  const first = context.fields[name];
  if (first !== undefined)
    reportAt(context, at, { code: 'VOL003', message: `target ${target} is mounted twice, first at ${first.line}:${first.column}` });
  else context.fields[name] = originAt(context, at);
}

/** The target as the author wrote it. */
function written(context: SpecContext, path: Path): string {
  const node = nodeAt(context.root, ['spec', ...path]);
  const text = node?.type === 'scalar' ? String(node.value) : '';
  return path.at(-1) === 'path' ? text : (parseMountText(text)?.target ?? text);
}
