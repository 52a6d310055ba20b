import type { ContainerInput } from '../../model/plan.ts';
import { type Native, NativeError, type Started } from '../../native/index.ts';
import { signalNumber } from './signals.ts';

const sigterm = 15;
const sigkill = 9;
/** What was killed is gone by then, or stuck in the kernel. */
const killedMs = 10_000;

/**
 * Ends one run of a process: stop signal, grace, then SIGKILL to all of it. Nobody asked the supervisor to stop it, so for the supervisor it has ended by itself, and what
 * follows is its restart policy with its back-off, also if this engine ends meanwhile. Another run, or none: nothing is done. E_STUCK when it does not go.
 */
export async function restartByPolicy(
  native: Pick<Native, 'containers' | 'onEvent'>,
  input: Pick<Extract<ContainerInput, { readonly verb: 'restart' }>, 'instance' | 'startedAt' | 'signal' | 'graceMs'>,
): Promise<void> {
  const { containers } = native;
  const { instance } = input;
  const running = async (): Promise<Started | null> => {
    const status = await containers.status(instance);
    return status?.phase === 'running' && status.startedMs === input.startedAt ? status.process : null;
  };
  const exit = exitOf(native, instance);
  try {
    const only = await running();
    if (only === null) return;
    await containers.signal(instance, { signal: signalNumber(input.signal) ?? sigterm, all: false, only });
    await exit.within(input.graceMs);
    if ((await running()) === null) return;
    // It may end, and the next run begin, before this arrives.
    await containers.signal(instance, { signal: sigkill, all: true, only });
    await exit.within(killedMs);
    if ((await running()) !== null)
      throw new NativeError({ code: 'E_STUCK', syscall: null, step: 'stop', message: `stop: ${instance} does not end when it is killed` });
  } catch (error) {
    // It ended between the question and the signal.
    if ((await running()) !== null) throw error;
  } finally {
    exit.forget();
  }
}

/** Hears of the end of a process; `within` settles then, or when the time is over. */
function exitOf(native: Pick<Native, 'onEvent'>, instance: string): { within(ms: number): Promise<void>; forget(): void } {
  let ended: () => void = () => undefined;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const forget = native.onEvent((event) => {
    if ((event.type === 'exited' || event.type === 'lost') && event.id === instance) ended();
  });
  return {
    forget,
    within: async (ms) => {
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      });
      await Promise.race([end, over]);
      clearTimeout(timer);
    },
  };
}
