import type { ProbeCheck } from '../../../model/spec.ts';
import { printable } from './printable.ts';

/** How messages name a check. Arguments, headers and the query are left out: they may hold a password. Pure. */
export function nameOf(check: ProbeCheck, host: string | null): string {
  switch (check.type) {
    case 'exec':
      return `exec ${printable(Buffer.from(check.command[0] ?? ''))}`;
    case 'http':
      return `GET ${check.scheme.toLowerCase()}://${host}:${check.port}${check.path.split('?')[0]}`;
    case 'tcp':
      return `TCP ${host}:${check.port}`;
    case 'grpc':
      return `gRPC ${host}:${check.port}${check.service === '' ? '' : ` ${printable(Buffer.from(check.service))}`}`;
  }
}
