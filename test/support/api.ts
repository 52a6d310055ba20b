/** An API server on a socket of its own, closed and removed after the test; and raw requests to it. */
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ApiContext } from '../../src/api/routes.ts';
import { ApiServer, type ServerOptions } from '../../src/api/server.ts';
import type { EngineApi } from '../../src/model/engine-api.ts';
import { silentLogger } from '../../src/model/log.ts';
import { scratch } from './scratch.ts';

export interface Served {
  readonly directory: string;
  readonly socket: string;
  readonly server: ApiServer;
}

export async function serve(engine: EngineApi, options: Partial<ServerOptions & ApiContext> = {}): Promise<Served> {
  const directory = scratch();
  const socket = join(directory, 'tsdock.sock');
  const context: ApiContext = { engine, schemaOf: async () => null, load: async () => [], ...options };
  const server = await ApiServer.open(context, { socket, log: silentLogger, ...options });
  onTestFinished(() => server.close(50));
  return { directory, socket, server };
}

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request as any program could send it, on a connection of its own. */
export function ask(socketPath: string, { method = 'GET', path, headers = {}, body }: RawRequest): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, headers: { host: 'localhost', ...headers }, agent: false });
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
