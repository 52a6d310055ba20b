import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { loadManifests } from '../../../src/manifest/load.ts';
import { buildGraph } from '../../../src/manifest/graph.ts';
import { unknownHost } from '../../../src/manifest/graph-host.ts';
import { formatDiagnostics } from '../../../src/manifest/diagnostic.ts';
test('x', () => {
  const file = process.env.F ?? 'examples/manifests/hello.yaml';
  const loaded = loadManifests([{ file, text: readFileSync(file) }], { set: (n) => `cli:${n}`, namespace: 'default' });
  console.log(formatDiagnostics(loaded.diagnostics, { frame: true }));
  console.dir(loaded.documents.slice(0, 2), { depth: 6 });
  const g = buildGraph([{ set: 'cli:default', documents: loaded.documents, complete: true, prune: false, held: new Set(), files: [] }], unknownHost);
  console.log(formatDiagnostics(g.diagnostics, { frame: true }), g.graph.order);
});
