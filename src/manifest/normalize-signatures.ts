import { createPublicKey, type KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import type { ImageFields, RegistryFields } from '../model/generated/manifests.ts';
import type { PrefixRule, SignatureRule } from '../model/signature-rule.ts';
import { reportAt, type SpecContext } from './context.ts';
import { compareText, type Path, quote } from './diagnostic.ts';

type RuleFields = NonNullable<ImageFields['verify']>;
type PrefixFields = NonNullable<RegistryFields['verify']>[number];

/** `verify` of an Image. */
export function readSignatureRule(context: SpecContext, fields: RuleFields, path: Path): SignatureRule {
  const { keys, policy = 'Any', identity = 'Any' } = fields;
  const found = [
    ...(keys ?? []).flatMap((text, index) => readKey(context, text, [...path, 'keys', index])),
    ...(fields.keyFiles ?? []).flatMap((pattern, index) => readKeyFiles(context, pattern, [...path, 'keyFiles', index])),
  ];
  if ((keys ?? []).length === 0 && (fields.keyFiles ?? []).length === 0)
    reportAt(context, path, {
      code: 'SIG002',
      message: 'no key is given, so that nothing could ever be signed right',
      hint: 'keys: or keyFiles:',
    });
  return { keys: [...new Set(found)].sort(compareText), policy, identity };
}

/** `verify` of a Registry: by prefix, each once. */
export function readPrefixRules(context: SpecContext, list: readonly PrefixFields[]): readonly PrefixRule[] {
  const rules = list.map((fields, index): PrefixRule => {
    const { prefix = '', policy = 'Any', ...rest } = fields;
    const path: Path = ['verify', index];
    if (!/^(?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/(?!$)|$))*$/.test(prefix))
      reportAt(context, [...path, 'prefix'], {
        code: 'SIG002',
        message: `prefix ${quote(prefix)} is no path of a repository`,
        hint: 'team, or team/app',
      });
    if (list.findIndex((other) => (other.prefix ?? '') === prefix) < index)
      reportAt(context, [...path, 'prefix'], { code: 'SIG002', message: `prefix ${quote(prefix)} has a rule already`, hint: 'keep one' });
    if (policy !== 'None') return { prefix, rule: readSignatureRule(context, { ...rest, policy }, path) };
    if (rest.keys !== undefined || rest.keyFiles !== undefined)
      reportAt(context, path, {
        code: 'SIG002',
        message: 'policy None asks for no signature, so that keys mean nothing',
        hint: 'remove them',
      });
    return { prefix, rule: null };
  });
  return [...rules].sort((left, right) => compareText(left.prefix, right.prefix));
}

/** Keys beside the manifest: their text becomes part of the document, so that no engine reads the file. */
function readKeyFiles(context: SpecContext, pattern: string, path: Path): readonly string[] {
  const answer =
    pattern === '' ? { problem: 'the path is empty' } : context.ask({ kind: 'files', pattern: resolve(context.directory, pattern) });
  if (answer === null) return []; // nobody has read it yet
  if ('problem' in answer) {
    reportAt(context, path, { code: 'SIG001', message: answer.problem });
    return [];
  }
  return answer.pieces.flatMap(({ bytes }) => readKey(context, new TextDecoder().decode(bytes), path));
}

/** Smallest RSA modulus in bits (NIST SP 800-131A: shorter ones are not to be trusted). */
const minRsaBits = 2048;

/** One public key in its only spelling. A private key is refused without showing any of it: Node would take its public half. */
function readKey(context: SpecContext, text: string, path: Path): readonly string[] {
  const hint = 'the text of cosign.pub, with -----BEGIN PUBLIC KEY-----';
  if (/PRIVATE KEY-----/.test(text)) {
    reportAt(context, path, {
      code: 'SIG001',
      message: 'this is a private key',
      hint: `${hint}; whoever could read this file can sign`,
      hidden: true,
    });
    return [];
  }
  const blocks = text.match(/-----BEGIN [A-Z ]+-----/g) ?? [];
  const key = blocks.length === 1 ? publicKey(text) : null;
  const problem = key === null ? 'is not one public key in PEM form' : unsuitable(key);
  if (key === null || problem !== null) {
    reportAt(context, path, { code: 'SIG001', message: `the key ${problem}`, hint });
    return [];
  }
  return [key.export({ type: 'spki', format: 'pem' }).toString()];
}

function publicKey(text: string): KeyObject | null {
  try {
    return createPublicKey(text);
  } catch {
    return null; // the finding says it
  }
}

/** Why a key cannot be used; null: it can. */
function unsuitable({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | null {
  if (asymmetricKeyType === 'ed25519') return null;
  if (asymmetricKeyType === 'rsa') {
    const bits = asymmetricKeyDetails?.modulusLength ?? 0;
    return bits >= minRsaBits ? null : `has ${bits} bits, RSA needs ${minRsaBits}`;
  }
  const curve = asymmetricKeyDetails?.namedCurve ?? '';
  const isKnown = asymmetricKeyType === 'ec' && ['prime256v1', 'secp384r1', 'secp521r1'].includes(curve);
  return isKnown ? null : `is of kind ${asymmetricKeyType} ${curve}`.trimEnd().concat(', not ECDSA P-256, P-384, P-521, RSA or Ed25519');
}
