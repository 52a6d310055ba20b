/** Probes over the network: from this host to the address of a container and to nowhere else. Each settles or rejects soon after `signal` aborts. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { ProbeCheck } from '../../../model/spec.ts';
import type { ProbeResult } from './machine.ts';

type CheckOf<T extends ProbeCheck['type']> = Extract<ProbeCheck, { readonly type: T }>;

/** An accepted connection is success; it is closed at once. */
export function checkTcp({ port }: CheckOf<'tcp'>, host: string, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve({ success: true, message: 'connected' });
    });
    socket.on('error', reject);
  });
}

/**
 * Status 200 to 399 is success, as in Kubernetes. A redirect is not followed, so the answer is always that of the container; a body is not read. Headers of the request are in
 * no message: they may hold a password.
 */
export function checkHttp({ port, path, scheme, headers }: CheckOf<'http'>, host: string, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const options = {
      host,
      port,
      path,
      signal,
      agent: false as const,
      headers: { 'User-Agent': 'tsdock-probe', Accept: '*/*', Connection: 'close', ...headers },
    };
    const answered = (response: IncomingMessage): void => {
      const status = response.statusCode ?? 0;
      response.destroy();
      resolve({ success: status >= 200 && status < 400, message: `status ${status}` });
    };
    // A certificate names a service, never the address of a container: it is not checked, as kubelet does not.
    const sent = scheme === 'HTTPS' ? httpsRequest({ ...options, rejectUnauthorized: false }, answered) : httpRequest(options, answered);
    sent.on('error', reject);
    sent.end();
  });
}
