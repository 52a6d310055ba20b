import { posix } from 'node:path';
import { type ErrorCode, TsdockError } from '../../model/errors.ts';
import type { ResourceKey } from '../../model/resource.ts';
import { NativeError } from '../../native/index.ts';
import { type ImageFile, lookUp, namesIn } from './image-files.ts';
import type { StartFacts } from './start-facts.ts';

/** What went wrong, as a TsdockError is made from it. */
interface Finding {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/**
 * A failed native call in words of the manifest: what is wrong with the command is found by looking at the image's files. Errors that are not the native side's are
 * bugs and pass unchanged.
 */
export async function containerError(error: unknown, key: ResourceKey, facts: StartFacts | null): Promise<unknown> {
  if (!(error instanceof NativeError)) return error;
  const name = facts?.container ?? key;
  const finding = (await findingOf(error, facts, name)) ?? { code: 'RUN020', message: `${name}: ${withStep(error)}` };
  return new TsdockError(finding.code, { ...finding, key, cause: error });
}

function withStep(error: NativeError): string {
  return error.step === null || error.message.startsWith(error.step) ? error.message : `${error.step}: ${error.message}`;
}

async function findingOf(error: NativeError, facts: StartFacts | null, name: string): Promise<Finding | null> {
  if (error.step === 'user') {
    const message = `${name}: ${error.message.replace(/^user: /, '')}`;
    return { code: 'RUN010', message, hint: 'a numeric id such as 1000' };
  }
  if (error.code === 'E_STUCK' || error.step === 'stop') return { code: 'RUN030', message: `${name}: ${withStep(error)}` };
  if (error.step === 'exec') return execFinding(error, facts, name);
  return null;
}

async function execFinding(error: NativeError, facts: StartFacts | null, name: string): Promise<Finding | null> {
  if (facts === null)
    return error.code === 'ENOENT'
      ? { code: 'RUN127', message: `${name}: ${error.message}` }
      : { code: 'RUN126', message: `${name}: ${error.message}` };
  const path = await resolveCommand(facts);
  const file = path === null ? { is: 'absent' as const } : await lookUp(facts.layers, path);
  if (path === null || file.is === 'absent') return notFound(facts, name);
  return { code: 'RUN126', ...unusable(file, path, error, name) };
}

/** Where execve would find it: a path below the working directory, or the first hit along PATH. */
async function resolveCommand(facts: StartFacts): Promise<string | null> {
  if (facts.argv0.includes('/')) return posix.resolve(facts.cwd, facts.argv0);
  for (const directory of facts.path.split(':').filter(Boolean)) {
    const path = posix.join(directory, facts.argv0);
    if ((await lookUp(facts.layers, path)).is === 'file') return path;
  }
  return null;
}

async function notFound(facts: StartFacts, name: string): Promise<Finding> {
  const isPath = facts.argv0.includes('/');
  const path = posix.resolve(facts.cwd, facts.argv0);
  const directories = isPath ? [posix.dirname(path)] : facts.path.split(':').filter(Boolean);
  const wanted = posix.basename(path);
  const near: string[] = [];
  for (const directory of directories) {
    for (const candidate of await namesIn(facts.layers, directory)) {
      if (near.length < 3 && isNear(wanted, candidate)) near.push(posix.join(directory, candidate));
    }
  }
  const where = isPath ? '' : ' along PATH';
  const message = `${name}: ${JSON.stringify(facts.argv0.slice(0, 60))} not found in image ${facts.imageRef}${where}`;
  return near.length === 0 ? { code: 'RUN127', message } : { code: 'RUN127', message, hint: `near names: ${near.join(', ')}` };
}

function unusable(
  file: Exclude<ImageFile, { is: 'absent' }>,
  path: string,
  error: NativeError,
  name: string,
): { readonly message: string; readonly hint?: string } {
  if (file.is === 'directory') return { message: `${name}: ${path} is a directory` };
  if (file.is === 'other') return { message: `${name}: ${path} is not a regular file` };
  if ((file.mode & 0o111) === 0) {
    return {
      message: `${name}: ${path} is not executable (mode ${file.mode.toString(8).padStart(4, '0')})`,
      hint: 'chmod +x it when the image is built',
    };
  }
  const interpreter = interpreterOf(file.head);
  if (interpreter !== null && error.code === 'ENOENT') {
    const hint = interpreter.endsWith('\r') ? 'the script has Windows line endings' : 'the image has no such interpreter';
    return { message: `${name}: ${path} needs ${JSON.stringify(interpreter.slice(0, 60))}`, hint };
  }
  const machine = machineOf(file.head);
  const host = machineNames[process.arch] ?? process.arch;
  if (machine !== null && machine !== host)
    return { message: `${name}: ${path} is an ${machine} program, this host is ${host}`, hint: 'use an image for this platform' };
  if (machine !== null && error.code === 'ENOENT') {
    return { message: `${name}: ${path} needs a dynamic loader that the image lacks`, hint: 'it was linked for another C library' };
  }
  if (error.code === 'ENOEXEC')
    return { message: `${name}: ${path} is no program this kernel can run`, hint: 'a script must begin with #!' };
  return { message: `${name}: ${path}: ${error.message}` };
}

/** First word after `#!`; a carriage return stays on it, as it does for the kernel. */
function interpreterOf(head: Uint8Array): string | null {
  const text = Buffer.from(head).toString('latin1');
  return /^#![ \t]*(?<path>[^ \t\n]+)/.exec(text)?.groups?.path ?? null;
}

const machineNames: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
  riscv64: 'riscv64',
  s390x: 's390x',
  ppc64: 'ppc64',
};

/** `e_machine` of an ELF header, elf.h. 32-bit x86 counts as x86_64, which runs it. */
function machineOf(head: Uint8Array): string | null {
  const bytes = Buffer.from(head);
  if (bytes.length < 20 || bytes.readUInt32BE(0) !== 0x7f454c46) return null;
  const number = bytes[5] === 2 ? bytes.readUInt16BE(18) : bytes.readUInt16LE(18);
  const names = new Map([
    [3, 'x86_64'],
    [62, 'x86_64'],
    [40, 'arm'],
    [183, 'aarch64'],
    [243, 'riscv64'],
    [22, 's390x'],
    [21, 'ppc64'],
  ]);
  return names.get(number) ?? `machine ${number}`;
}

/** Edit distance of at most 2, and less than half of the name. */
export function isNear(wanted: string, candidate: string): boolean {
  const allowed = Math.min(2, Math.floor(wanted.length / 2));
  if (wanted === candidate || Math.abs(wanted.length - candidate.length) > allowed) return false;
  let row = Array.from({ length: candidate.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...wanted].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= candidate.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (candidate[column - 1] === letter ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return (row[candidate.length] ?? Number.POSITIVE_INFINITY) <= allowed;
}
