import type { HistoryItem, ImageDetails } from '../../model/engine-api.ts';
import { describeError } from '../../model/errors.ts';
import { formatInstant } from '../../model/time.ts';
import { isAbort } from './http.ts';
import type { HistoryStep, Referrer } from './oci.ts';
import type { RefRecord } from './refs.ts';
import type { ImageSource } from './source.ts';

/** What was pushed about an image, or why that could not be asked: the image is here all the same. */
export type FoundReferrers = { readonly list: readonly Referrer[]; readonly problem: string | null };

/** Asks the registry about this platform's manifest and, if that is another, about the index above it. */
export async function findReferrers(source: ImageSource, record: RefRecord, signal: AbortSignal): Promise<FoundReferrers> {
  if (source.referrers === undefined) return { list: [], problem: null };
  const list: Referrer[] = [];
  try {
    for (const digest of new Set([record.digest, record.topDigest])) list.push(...(await source.referrers(digest, signal)));
    return { list, problem: null };
  } catch (error) {
    if (signal.aborted || isAbort(error)) throw error;
    return { list, problem: describeError(error) };
  }
}

/** Steps newest first, each with the layer it made. A config that lists fewer steps with layers than there are layers leaves the rest without a word. */
export function toHistory(record: RefRecord, steps: readonly HistoryStep[]): readonly HistoryItem[] {
  const layers = record.layers.values();
  const items = steps.map(({ created, createdBy, comment, empty }) => {
    const layer = empty ? undefined : layers.next().value;
    return { created, createdBy, comment, digest: layer?.digest ?? null, sizeBytes: layer?.size ?? 0 };
  });
  const untold = [...layers].map(({ digest, size }) => ({ created: '', createdBy: '', comment: '', digest, sizeBytes: size }));
  return [...items, ...untold].reverse();
}

export function toDetails(record: RefRecord, referrers: FoundReferrers): ImageDetails {
  const { ref, digest, topDigest, configDigest, platform, config, layers, unpackedBytes, resolvedAt, usedAt, holders } = record;
  return {
    ref,
    digest,
    topDigest,
    configDigest,
    platform,
    sizeBytes: unpackedBytes,
    resolvedAt: formatInstant(resolvedAt),
    usedAt: usedAt === undefined ? null : formatInstant(usedAt),
    holders: holders.map(({ key }) => key),
    config: { ...config },
    layers: layers.map((layer) => ({ digest: layer.digest, diffId: layer.diffId, sizeBytes: layer.size, mediaType: layer.mediaType })),
    referrers: referrers.list.map(({ digest: of, artifactType, size, annotations }) => ({
      digest: of,
      artifactType,
      sizeBytes: size,
      annotations,
    })),
    referrersProblem: referrers.problem,
    usedBy: [],
  };
}
