import { type CommandContext, done, type Options, type Outcome } from '../command.ts';
import { readInput } from '../inputs.ts';
import { counted } from '../output.ts';
import { diagnosticsJson, printDiagnostics } from '../report.ts';

export async function run(context: CommandContext, args: readonly string[], options: Options): Promise<Outcome> {
  const { globals, streams } = context;
  const input = await readInput(context, options, args, 'leave');
  const [{ buildGraph }, { unknownHost }, { hasErrors, sortDiagnostics }] = await Promise.all([
    import('../../manifest/graph.ts'),
    import('../../manifest/graph-host.ts'),
    import('../../manifest/diagnostic.ts'),
  ]);
  const { documents, perFile } = input.loaded;
  const between = buildGraph(await input.snapshots(new Set()), unknownHost).diagnostics;
  const diagnostics = sortDiagnostics([...input.loaded.diagnostics, ...between]);
  const bad = new Set(diagnostics.filter(({ severity }) => severity === 'error').map(({ file }) => file)).size;
  if (globals.output === 'json') {
    streams.stdout.write(
      `${JSON.stringify({ files: perFile.length, objects: documents.length, diagnostics: diagnosticsJson(diagnostics) }, null, 2)}\n`,
    );
  } else {
    printDiagnostics(diagnostics, streams);
    const verdict = bad === 0 ? 'valid' : `${bad} invalid`;
    if (!globals.quiet) streams.stdout.write(`${counted(perFile.length, 'file')}, ${counted(documents.length, 'object')}: ${verdict}\n`);
  }
  return hasErrors(diagnostics) ? { is: 'invalid' } : done;
}
