import { TsdockError } from '../../model/errors.ts';
import type { Digest } from '../../model/reference.ts';
import { isSatisfied, isTrusted, type RequiredSignature, type SignedBy } from '../../model/signature-rule.ts';
import { maxSignatures } from './find-signatures.ts';
import { type ResolvedImage, type ResolveOptions, resolveImage } from './resolve.ts';
import { checkSignature } from './signature.ts';

export interface SignatureRequest {
  readonly ref: string;
  readonly rules: readonly RequiredSignature[];
  readonly image: ResolvedImage;
  /** An index that is said to hold the image, from a lock or an earlier pull; null: what was resolved says it. */
  readonly claimedTop: Digest | null;
}

/**
 * Whether an image is signed as the rules ask, told by the signatures that made it so. It counts as signed when its own manifest is, or the index it was reached through: each of them
 * names by digests all that is below it. No layer is read for it. Throws IMG040 (no signature) and IMG041 (none that counts).
 */
export async function verifySignatures(request: SignatureRequest, options: ResolveOptions): Promise<readonly SignedBy[]> {
  const { ref, rules } = request;
  if (rules.length === 0) return [];
  const keys = [...new Set(rules.flatMap((rule) => rule.keys))];
  const signedBy: SignedBy[] = [];
  const problems: string[] = [];
  const subjects = await signableDigests(request, options);
  for (const digest of subjects) {
    for await (const found of options.source.signatures?.(digest, options.signal) ?? []) {
      const checked = checkSignature(found, digest, keys);
      if (checked.ok) signedBy.push(checked.signedBy);
      else problems.push(checked.problem);
      if (isTrusted({ ref, signedBy }, rules)) return signedBy;
    }
  }
  throw refused(request, { subjects, signedBy, problems });
}

/** What may be signed, what the name points at first: the index above an image only when it leads to this very image. */
async function signableDigests({ image, claimedTop }: SignatureRequest, options: ResolveOptions): Promise<readonly Digest[]> {
  if (claimedTop === null || claimedTop === image.digest) return [...new Set([image.topDigest, image.digest])];
  try {
    const reached = await resolveImage({ ...options, digest: claimedTop });
    return reached.digest === image.digest ? [claimedTop, image.digest] : [image.digest];
  } catch (error) {
    if (error instanceof TsdockError && error.code === 'REG404') return [image.digest];
    throw error;
  }
}

interface Findings {
  readonly subjects: readonly Digest[];
  readonly signedBy: readonly SignedBy[];
  readonly problems: readonly string[];
}

function refused({ ref, rules }: SignatureRequest, { subjects, signedBy, problems }: Findings): TsdockError {
  const rule = rules.find((one) => !isSatisfied(one, signedBy, ref));
  const count = signedBy.length + problems.length;
  const what = `${ref} (${subjects.join(', ')})`;
  if (count === 0) {
    return new TsdockError('IMG040', {
      message: `${what} has no signature, ${rule?.by} requires one; nothing of it was unpacked`,
      hint: 'cosign sign --key KEY, by digest',
    });
  }
  const bounded = count >= maxSignatures ? ` (no more than ${maxSignatures} of an image are read)` : '';
  const reasons = [...tally(problems), ...unmet(rule, signedBy, ref)].join('; ');
  return new TsdockError('IMG041', {
    message: `${what} is not signed as ${rule?.by} requires; of ${count} ${count === 1 ? 'signature' : 'signatures'}${bounded}: ${reasons}; nothing of it was unpacked`,
    hint: 'sign it with a key of the policy, or add the key it was signed with',
  });
}

/** Each reason once, with how many signatures it is about; at most three. */
function tally(problems: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const problem of problems) counts.set(problem, (counts.get(problem) ?? 0) + 1);
  const texts = [...counts].map(([problem, count]) => `${count} ${problem}`);
  return texts.length <= 3 ? texts : [...texts.slice(0, 3), `${texts.length - 3} further reasons`];
}

/** Why right signatures are not enough. */
function unmet(rule: RequiredSignature | undefined, signedBy: readonly SignedBy[], ref: string): readonly string[] {
  if (rule === undefined || signedBy.length === 0) return [];
  const named = isSatisfied({ ...rule, identity: 'Any' }, signedBy, ref);
  const repositories = [...new Set(signedBy.map(({ repository }) => repository ?? 'no repository'))];
  if (named) return [`${signedBy.length} for ${repositories.join(', ')} instead of this repository`];
  const made = new Set(signedBy.map(({ key }) => key)).size;
  return [
    `${signedBy.length} right, by ${made} of the keys where ${rule.policy === 'All' ? `all ${rule.keys.length}` : 'one of others'} must have signed`,
  ];
}
