import { randomUUID, sign, X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificates.ts';

/** Gives out tokens as docker-registry takes them (its "token" authentication): JSON Web Tokens with the certificate they are signed with. */
export interface TokenServer {
  /** Realm of the challenge. */
  readonly url: string;
  /** One line a request: how it asked and for which scope. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export const tokenIssuer = 'test issuer';
export const tokenService = 'test registry';
/** What an identity token of this server is. */
export const refreshToken = 'identity-of-ci';

export async function startTokenServer(
  certificate: Certificate,
  login: { readonly user: string; readonly password: string },
): Promise<TokenServer> {
  const asked: string[] = [];
  const basic = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  const server = createServer(async (request, response) => {
    const form =
      request.method === 'POST' ? new URLSearchParams(await textOf(request)) : new URL(request.url ?? '', 'http://x').searchParams;
    const isKnown =
      form.get('grant_type') === 'refresh_token' ? form.get('refresh_token') === refreshToken : request.headers.authorization === basic;
    asked.push(`${request.method} ${form.get('scope')}`);
    if (!isKnown || form.get('service') !== tokenService) {
      response.writeHead(401).end();
      return;
    }
    const token = makeToken(certificate, form.getAll('scope'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(request.method === 'POST' ? { access_token: token, expires_in: 60 } : { token, expires_in: 60 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function makeToken({ cert, key }: Certificate, scopes: readonly string[]): string {
  const now = Math.floor(Date.now() / 1000);
  const access = scopes.map((scope) => {
    const [type, name, actions = ''] = scope.split(':');
    return { type, name, actions: actions.split(',') };
  });
  const header = { typ: 'JWT', alg: 'ES256', x5c: [new X509Certificate(cert).raw.toString('base64')] };
  const claims = { iss: tokenIssuer, sub: 'ci', aud: tokenService, exp: now + 60, nbf: now - 5, iat: now, jti: randomUUID(), access };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
