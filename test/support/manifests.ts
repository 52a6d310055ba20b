/** Manifests as tests write them. */
import { type Diagnostic, formatDiagnostic, sortDiagnostics } from '../../src/manifest/diagnostic.ts';
import { buildGraph } from '../../src/manifest/graph.ts';
import { type HostFacts, unknownHost } from '../../src/manifest/graph-host.ts';
import { type Loaded, loadManifests } from '../../src/manifest/load.ts';
import type { DesiredGraph, SourceSnapshot } from '../../src/model/graph.ts';
import type { AnyResource, SetId } from '../../src/model/resource.ts';

export type Texts = Readonly<Record<string, string | Uint8Array>>;

/** Lines at their numbers, comments between them. */
export function lines(numbered: Readonly<Record<number, string>>): string {
  const last = Math.max(...Object.keys(numbered).map(Number));
  return `${Array.from({ length: last }, (_, index) => numbered[index + 1] ?? '#').join('\n')}\n`;
}

export function load(files: Texts, variables: ReadonlyMap<string, string | null> = new Map()): Loaded {
  const inputs = Object.entries(files).map(([file, text]) => ({ file, text }));
  return loadManifests(inputs, {
    set: (namespace) => `cli:${namespace}`,
    namespace: 'default',
    variables,
    baseDirectory: '/etc/tsdock/manifests',
  });
}

export function snapshotOf(set: SetId, documents: readonly AnyResource[]): SourceSnapshot {
  return { set, documents, complete: true, prune: false, held: new Set(), files: [] };
}

export interface Checked {
  readonly graph: DesiredGraph;
  readonly documents: readonly AnyResource[];
  readonly diagnostics: readonly Diagnostic[];
  /** As they are printed. */
  readonly messages: readonly string[];
}

/** Text → graph, with the diagnostics of both stages. */
export function check(files: Texts, host: HostFacts = unknownHost): Checked {
  const loaded = load(files);
  const { graph, diagnostics } = buildGraph([snapshotOf('cli:default', loaded.documents)], host);
  const all = sortDiagnostics([...loaded.diagnostics, ...diagnostics]);
  return { graph, documents: loaded.documents, diagnostics: all, messages: all.map(formatDiagnostic) };
}

/** The one document of a text that must be valid. */
export function one(text: string): AnyResource {
  const { documents, diagnostics } = load({ 'web.yaml': text });
  const [document] = documents;
  if (document === undefined || documents.length > 1)
    throw new Error(`one document expected: ${diagnostics.map(formatDiagnostic).join('\n')}`);
  return document;
}
