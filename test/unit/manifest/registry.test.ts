import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Resource } from '../../../src/model/resource.ts';
import { type Authority, createAuthority } from '../../support/certificates.ts';
import { check, load, one } from '../../support/manifests.ts';

const text = (spec: string, name = 'team'): string =>
  `apiVersion: tsdock/v1\nkind: Registry\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n`;

function registry(spec: string): Resource<'Registry'> {
  const document = one(text(spec));
  if (document.kind !== 'Registry') throw new Error(document.kind);
  return document;
}

let authority: Authority;
beforeAll(() => {
  authority = createAuthority();
});
afterAll(() => authority.close());

test('a Registry holds for the whole host, whatever namespace its document stands in', () => {
  expect(registry('{host: registry.example.com}').key).toBe('Registry/_/team');
});

test('what it says is canonical: names of Docker Hub, lower case, references to Secrets of its namespace', () => {
  expect(
    registry(
      '{host: Index.Docker.IO, mirrors: ["Mirror.lan:5000", "harbor.lan/dockerhub"], auth: {secret: login}, realms: [b.test, a.test]}',
    ).spec,
  ).toEqual({
    host: 'docker.io',
    mirrors: ['mirror.lan:5000', 'harbor.lan/dockerhub'],
    auth: 'Secret/shop/login',
    clientCertificate: null,
    ca: null,
    insecure: false,
    realms: ['a.test', 'b.test'],
    verify: [],
  });
});

test('defaults written out change no hash', () => {
  expect(registry('{host: a.test, mirrors: [], insecure: false, realms: []}').specHash).toBe(registry('{host: a.test}').specHash);
});

test('several authorities in one text are taken as they are', () => {
  const bundle = `${authority.ca}${authority.ca}`;
  expect(registry(`{host: a.test, ca: ${JSON.stringify(bundle)}}`).spec.ca).toBe(bundle);
});

describe('a mistake is told at its place', () => {
  test.each([
    [
      '{host: "https://reg.example.com/"}',
      '4:14: error[REG005]: "https://reg.example.com/" is not the name of a registry; hint: reg.example.com',
    ],
    ['{host: "reg example"}', '4:14: error[REG005]: "reg example" is not the name of a registry; hint: host, host:port or [IPv6]:port'],
    [
      '{host: a.test, mirrors: ["http://m.lan:5000"]}',
      '4:32: error[REG005]: "http://m.lan:5000" is not the name of a mirror; hint: m.lan:5000, and a Registry of its own with "insecure: true" if it has no TLS',
    ],
    [
      '{host: a.test, mirrors: ["m.lan/../x"]}',
      '4:32: error[REG005]: "m.lan/../x" is not the name of a mirror; hint: mirror.example.com:5000, or with a path: harbor.example.com/dockerhub',
    ],
    [
      '{host: a.test, ca: nonsense}',
      '4:26: error[REG006]: ca has no certificate in PEM form; hint: text with -----BEGIN CERTIFICATE-----, as a block ("ca: |")',
    ],
    [
      '{host: a.test, auth: {secret: "a/b/c"}}',
      '4:37: error[REF003]: "a/b/c" is not the name of a Secret; hint: name, or namespace/name of another namespace',
    ],
    ['{mirrors: [a.test]}', '1:1: error[SCH002]: Registry "team" has no spec.host; hint: add e.g. "host: registry.example.com"'],
  ])('%s', (spec, says) => {
    const { diagnostics } = load({ 'r.yaml': text(spec) });
    expect(
      diagnostics.map(
        ({ line, column, severity, code, message, hint }) => `${line}:${column}: ${severity}[${code}]: ${message}; hint: ${hint}`,
      ),
    ).toEqual([says]);
  });

  test('plain HTTP with certificates', () => {
    const { diagnostics } = load({ 'r.yaml': text(`{host: a.test, insecure: true, ca: ${JSON.stringify(authority.ca)}}`) });
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'REG006 insecure is plain HTTP, which no certificate protects',
    ]);
  });

  test('a second Registry for a host', () => {
    const { diagnostics } = check({ 'r.yaml': text('{host: a.test}', 'one'), 's.yaml': text('{host: A.test}', 'two') });
    expect(diagnostics.map(({ file, line, code, message }) => `${file}:${line} ${code} ${message}`)).toEqual([
      's.yaml:4 REG007 host a.test already has Registry "one" (r.yaml:3:18)',
    ]);
  });
});
