import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { defaultHttpLimits, HttpClient } from '../../../src/controllers/image/http.ts';
import { TsdockError } from '../../../src/model/errors.ts';
import { type ScriptedRegistry, startScriptedRegistry } from '../../support/scripted-registry.ts';

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '../../fixtures/tls', name), 'utf8');
const pair = (name: string) => ({ key: fixture(`${name}.key`), cert: fixture(`${name}.crt`) });

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function server(tls?: { key: string; cert: string }): Promise<ScriptedRegistry> {
  const made = await startScriptedRegistry(tls === undefined ? {} : { tls });
  open.push(() => made.close());
  return made;
}

async function failure(url: string, ca: string | null = null): Promise<string> {
  const client = new HttpClient({ ...defaultHttpLimits, connectMs: 1000, headersMs: 1000 }, { env: {} });
  open.push(() => client.close());
  try {
    const tls = { ca, certificate: null };
    await client.get({ url: new URL(url), headers: {}, authorization: null, tls, signal: new AbortController().signal });
  } catch (error) {
    if (error instanceof TsdockError) return `${error.code} ${error.message}${error.hint === null ? '' : `; hint: ${error.hint}`}`;
    throw error;
  }
  return 'answered';
}

test('an expired certificate is named with its date and the local clock', async () => {
  const { host } = await server(pair('expired'));
  expect(await failure(`https://${host}/`, fixture('expired.crt'))).toMatch(
    new RegExp(`^TLS001 certificate of ${host} expired 2021-01-01 \\(local clock \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\\)$`),
  );
});

test('a self-signed certificate is refused', async () => {
  const { host } = await server(pair('other'));
  expect(await failure(`https://${host}/`)).toMatch(
    /^TLS001 certificate of .* is self-signed \(local clock.*; hint: if you trust it, put it into "ca" of a Registry for /,
  );
});

test('a certificate for another name is refused', async () => {
  const { host } = await server(pair('other'));
  expect(await failure(`https://${host}/`, fixture('other.crt'))).toMatch(/^TLS001 certificate of .* is for another name \(local clock/);
});

test('plain HTTP where TLS is due is told, with the way out', async () => {
  const { host } = await server();
  expect(await failure(`https://${host}/`)).toBe(
    `TLS002 ${host} answers plain HTTP; hint: Registry "${host}" with "insecure: true" if you trust that network`,
  );
});

test('a name that does not exist is told as such', async () => {
  expect(await failure('https://registry.invalid/')).toMatch(/^REG030 cannot connect to registry\.invalid: the resolver /);
});

test('TLS where plain HTTP is spoken is no answer', async () => {
  const { host } = await server(pair('other'));
  expect(await failure(`http://${host}/`)).toMatch(/^REG0[23]0 /);
});
