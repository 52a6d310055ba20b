import { X509Certificate } from 'node:crypto';
import type { RegistryFields } from '../model/generated/manifests.ts';
import { parseMirror, parseRegistryHost } from '../model/reference.ts';
import type { ResourceKey } from '../model/resource.ts';
import type { RegistrySpec } from '../model/spec.ts';
import { readRef, reportAt, type SpecContext } from './context.ts';
import { type Path, quote } from './diagnostic.ts';
import { readPrefixRules } from './normalize-signatures.ts';

/** Certificates of a bundle are read one by one: the first that cannot be read is named. */
const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

export function normalizeRegistry(context: SpecContext, spec: RegistryFields): RegistrySpec {
  const ca = spec.ca ?? null;
  const insecure = spec.insecure ?? false;
  if (ca !== null) checkCertificates(context, ca);
  if (ca !== null && insecure) {
    reportAt(context, ['insecure'], {
      code: 'REG006',
      message: 'insecure is plain HTTP, which no certificate protects',
      hint: 'keep ca or insecure',
    });
  }
  return {
    host: readHost(context, spec.host, ['host']),
    mirrors: (spec.mirrors ?? []).map((text, index) => readMirror(context, text, ['mirrors', index])),
    auth: readSecretRef(context, spec.auth?.secret, ['auth', 'secret']),
    clientCertificate: readSecretRef(context, spec.clientCertificate?.secret, ['clientCertificate', 'secret']),
    ca,
    insecure,
    verify: readPrefixRules(context, spec.verify ?? []),
    realms: (spec.realms ?? []).map((text, index) => readHost(context, text, ['realms', index])).sort(),
  };
}

function readHost(context: SpecContext, text: string, path: Path): string {
  const host = parseRegistryHost(text);
  if (host !== null) return host;
  const bare = /^[a-z]+:\/\/(?<host>[^/]+)/i.exec(text)?.groups?.host;
  const hint = bare === undefined ? 'host, host:port or [IPv6]:port' : bare;
  reportAt(context, path, { code: 'REG005', message: `${quote(text)} is not the name of a registry`, hint });
  return '';
}

function readMirror(context: SpecContext, text: string, path: Path): string {
  const mirror = parseMirror(text);
  if (mirror !== null) return mirror;
  const bare = /^[a-z]+:\/\/(?<rest>[^/].*?)\/?$/i.exec(text)?.groups?.rest;
  const insecure = text.startsWith('http://') ? ', and a Registry of its own with "insecure: true" if it has no TLS' : '';
  const hint = bare === undefined ? 'mirror.example.com:5000, or with a path: harbor.example.com/dockerhub' : `${bare}${insecure}`;
  reportAt(context, path, { code: 'REG005', message: `${quote(text)} is not the name of a mirror`, hint });
  return '';
}

function readSecretRef(context: SpecContext, text: string | undefined, path: Path): ResourceKey<'Secret'> | null {
  return text === undefined ? null : readRef(context, 'Secret', text, path);
}

function checkCertificates(context: SpecContext, pem: string): void {
  const certificates = pem.match(certificatePattern) ?? [];
  const wrong = certificates.findIndex((text) => !isCertificate(text));
  if (certificates.length > 0 && wrong < 0) return;
  const message =
    certificates.length === 0
      ? 'ca has no certificate in PEM form'
      : `certificate ${wrong + 1} of ${certificates.length} in ca cannot be read`;
  reportAt(context, ['ca'], { code: 'REG006', message, hint: 'text with -----BEGIN CERTIFICATE-----, as a block ("ca: |")' });
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== null;
  } catch {
    return false;
  }
}
