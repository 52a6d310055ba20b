import { join } from 'node:path';
import type { Logger } from '../../../model/log.ts';
import type { ProbeTarget, ProbeVerdict } from '../../../model/probes.ts';
import type { InstanceId, Instant } from '../../../model/resource.ts';
import type { ProbeCheck } from '../../../model/spec.ts';
import type { ContainerRuntime } from '../../../native/index.ts';
import { readRunJson, writeRunFile } from '../../../store/run-files.ts';
import { instanceDirectory, type Places } from '../process-spec.ts';
import { checkExec } from './exec-check.ts';
import { checkGrpc } from './grpc.ts';
import type { ProbeResult } from './machine.ts';
import { checkHttp, checkTcp } from './network-checks.ts';
import { Prober } from './prober.ts';

export interface ProbesOptions extends Places {
  readonly containers: Pick<ContainerRuntime, 'exec'>;
  readonly log: Logger;
  readonly now: () => Instant;
  readonly random: () => number;
}

/** A prober on real containers. Verdicts lie beside the other files of an instance, in `<run>/files/instances/<id>/probes.json`, and go with them. */
export function createProber(options: ProbesOptions): Prober {
  const path = (instance: InstanceId): string => join(instanceDirectory(options, instance), 'probes.json');
  return new Prober({
    ...options,
    check: (target, check, signal) => checkOnce(options.containers, target, check, signal),
    load: (instance) => verdictIn(readRunJson(path(instance))),
    save: (instance, verdict) => writeRunFile(path(instance), `${JSON.stringify(verdict)}\n`, 0o600),
  });
}

function checkOnce(
  containers: ProbesOptions['containers'],
  target: ProbeTarget,
  check: ProbeCheck,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const host = target.host ?? '127.0.0.1';
  switch (check.type) {
    case 'exec':
      return checkExec(containers, target, check.command, signal);
    case 'http':
      return checkHttp(check, host, signal);
    case 'tcp':
      return checkTcp(check, host, signal);
    case 'grpc':
      return checkGrpc(check, host, signal);
  }
}

/** Null for a file of another version: then the run is asked as a new one. */
function verdictIn(value: unknown): ProbeVerdict | null {
  if (typeof value !== 'object' || value === null) return null;
  const fields = value as Partial<Record<keyof ProbeVerdict, unknown>>;
  const flags = [fields.started, fields.ready, fields.wasReady].every((flag) => typeof flag === 'boolean');
  return typeof fields.startedAt === 'number' && flags && fields.failing !== undefined && fields.condemned !== undefined
    ? (value as ProbeVerdict)
    : null;
}
