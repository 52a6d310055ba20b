import type { ExecOptions, ExecSession } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import type { ObservedInstance } from '../model/observed.ts';
import { parseKey, resourceKey } from '../model/resource.ts';
import type { ContainerRuntime, ExecHandle } from '../native/index.ts';
import { observedContainers, type View } from './reader.ts';

/** Runs a command in a running instance, named as `web-1` or by its container. CLI021 when there is none, RUN126 and RUN127 when the command cannot be run. */
export async function openExec(containers: ContainerRuntime, view: Pick<View, 'observation'>, options: ExecOptions): Promise<ExecSession> {
  const instance = findInstance(view, options.namespace, options.name);
  const { argv, cwd, user, terminal, stdin } = options;
  const env = Object.entries(options.env).map(([name, value]) => `${name}=${value}`);
  let handle: ExecHandle;
  try {
    handle = await containers.exec(instance.instance, { argv, env, cwd, user, terminal, stdin });
  } catch (error) {
    throw execError(error, options);
  }
  return {
    stdin: handle.stdin,
    stdout: handle.stdout,
    stderr: handle.stderr,
    resize: (cols, rows) => handle.resize(cols, rows),
    signal: (signal) => handle.signal(signal),
    wait: async () => {
      const { code, signal } = await handle.wait();
      return signal === null ? (code ?? 0) : 128 + signal;
    },
  };
}

function findInstance(view: Pick<View, 'observation'>, namespace: string, name: string): ObservedInstance {
  const whole = view.observation.observed.resources.get(resourceKey('Container', namespace, name));
  const named = observedContainers(view)
    .filter((container) => parseKey(container.key).namespace === namespace)
    .flatMap((container) => container.slots.filter((slot) => `${parseKey(container.key).name}-${slot.slot}` === name));
  const candidates = [...named, ...(whole?.kind === 'Container' ? whole.slots : [])];
  const running = candidates.find((slot) => slot.phase === 'running');
  if (running !== undefined) return running;
  const found = candidates[0];
  if (found === undefined) throw new TsdockError('CLI021', { message: `no instance ${JSON.stringify(name)} in namespace ${namespace}` });
  throw new TsdockError('RUN020', { message: `${name} is ${found.phase}, not running`, hint: `tsdock start ${name}` });
}

function execError(error: unknown, options: ExecOptions): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const command = JSON.stringify(options.argv[0] ?? '');
  if (code === 'ENOENT') return new TsdockError('RUN127', { message: `${command} not found in ${options.name}`, cause: error });
  if (code === 'EACCES' || code === 'ENOEXEC')
    return new TsdockError('RUN126', { message: `${command} in ${options.name} cannot be executed`, cause: error });
  return error;
}
