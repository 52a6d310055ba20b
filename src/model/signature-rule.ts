import { createHash } from 'node:crypto';
import type { DesiredGraph } from './graph.ts';
import { parseReference } from './reference.ts';

/** Who must have signed an image. */
export interface SignatureRule {
  /** Public keys in PEM (SubjectPublicKeyInfo), sorted, each once. */
  readonly keys: readonly string[];
  /** Whether one of the keys is enough, or each must have signed. */
  readonly policy: 'Any' | 'All';
  /** Whether the signature must name the repository the image is called by; `cosign verify` does not ask. */
  readonly identity: 'Any' | 'Repository';
}

/** What a Registry says of the repositories below a prefix; the longest prefix counts. */
export interface PrefixRule {
  /** Whole components of a repository's path: `team` is for `team/app`, not for `teams/app`. Empty: all of the host. */
  readonly prefix: string;
  /** Null: images below this prefix need no signature. */
  readonly rule: SignatureRule | null;
}

/** A signature that was checked: which key made it, and for which repository it speaks (null: it does not say). */
export interface SignedBy {
  readonly key: KeyId;
  readonly repository: string | null;
}

/** SHA-256 of the key's text, in hex. */
export type KeyId = string;

/** A rule that holds for a reference, with the name of who made it, for messages. */
export interface RequiredSignature extends SignatureRule {
  readonly by: string;
}

/** What is required of a reference. */
export type SignatureRules = (ref: string) => readonly RequiredSignature[];

export const noSignatureRules: SignatureRules = () => [];

/**
 * All rules of a graph: that of its Registry's longest prefix, and those of every Image object that names the same reference, since all of them share what is unpacked for it.
 * An Image can ask for more than its Registry, never for less. Pure.
 */
export function signatureRulesIn(graph: DesiredGraph): SignatureRules {
  const resources = [...graph.resources.values()];
  const registries = resources.filter((resource) => resource.kind === 'Registry');
  const images = resources.filter((resource) => resource.kind === 'Image').filter(({ spec }) => spec.verify !== null);
  return (ref) => {
    const required: RequiredSignature[] = [];
    const parsed = parseReference(ref);
    const registry = parsed.ok ? registries.find(({ spec }) => spec.host === parsed.reference.registry) : undefined;
    const rule = parsed.ok && registry !== undefined ? longest(registry.spec.verify, parsed.reference.repository) : null;
    if (registry !== undefined && rule !== null) required.push({ ...rule, by: `Registry "${registry.name}"` });
    for (const { namespace, name, spec } of images)
      if (spec.ref === ref && spec.verify !== null) required.push({ ...spec.verify, by: `Image "${namespace}/${name}"` });
    return required;
  };
}

function longest(rules: readonly PrefixRule[], repository: string): SignatureRule | null {
  const matching = rules.filter(({ prefix }) => prefix === '' || repository === prefix || repository.startsWith(`${prefix}/`));
  return matching.sort((a, b) => b.prefix.length - a.prefix.length)[0]?.rule ?? null;
}

export function keyId(key: string): KeyId {
  return createHash('sha256').update(key).digest('hex');
}

/** Whether these signatures are what a rule asks for; a rule without keys is never met. Pure. */
export function isSatisfied(rule: SignatureRule, signedBy: readonly SignedBy[], ref: string): boolean {
  const counted = rule.identity === 'Any' ? signedBy : signedBy.filter(({ repository }) => repository === repositoryOf(ref));
  const hasSigned = (key: string): boolean => counted.some((signature) => signature.key === keyId(key));
  return rule.policy === 'All' ? rule.keys.length > 0 && rule.keys.every(hasSigned) : rule.keys.some(hasSigned);
}

/** Whether an image may be used under all these rules. Pure. */
export function isTrusted(
  { ref, signedBy }: { readonly ref: string; readonly signedBy: readonly SignedBy[] },
  rules: readonly SignatureRule[],
): boolean {
  return rules.every((rule) => isSatisfied(rule, signedBy, ref));
}

/** `registry.example.com/team/app` of a reference; null for one without a registry. */
export function repositoryOf(ref: string): string | null {
  const parsed = parseReference(ref);
  return parsed.ok ? `${parsed.reference.registry}/${parsed.reference.repository}` : null;
}
