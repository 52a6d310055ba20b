/** Errors as people and programs read them. Loaded only when there is one. */
import { type Diagnostic, diagnosticJson, formatDiagnostics } from '../manifest/diagnostic.ts';
import type { DiagnosticFacts, TsdockError } from '../model/errors.ts';
import type { Streams } from './command.ts';
import { escapeControls } from './output.ts';

/** One line on stderr, after the diagnostics it carries; with `-o json` one object as contract.md has it. */
export function printError(error: TsdockError, argv: readonly string[], streams: Streams): void {
  if (wantsJson(argv)) {
    streams.stderr.write(`${JSON.stringify(errorJson(error))}\n`);
    return;
  }
  if (error.diagnostics.length > 0) printDiagnostics(error.diagnostics, streams);
  else streams.stderr.write(`${escapeControls(errorLine(error))}\n`);
  if (error.diagnostics.length > 0) streams.stderr.write(`${escapeControls(endOf(error))}\n`);
  if (error.code === 'INTERNAL' && (argv.includes('-v') || argv.includes('--verbose'))) streams.stderr.write(`${stackOf(error)}\n`);
}

/** The engine's word for documents that do not fit together is the first diagnostic's, which was told. */
function endOf({ message, diagnostics }: TsdockError): string {
  return diagnostics.some((diagnostic) => message.startsWith(diagnostic.message)) ? 'nothing was changed' : message;
}

function errorLine({ code, message, hint }: TsdockError): string {
  return `error[${code}]: ${message}${hint === null ? '' : `; hint: ${hint}`}`;
}

/** Diagnostics with source lines on a terminal, one line each elsewhere. */
export function printDiagnostics(diagnostics: readonly DiagnosticFacts[], { stderr }: Streams): void {
  const text = formatDiagnostics(diagnostics.map(completed), { frame: stderr.isTTY === true });
  if (text !== '') stderr.write(`${text}\n`);
}

export function diagnosticsJson(diagnostics: readonly DiagnosticFacts[]): readonly unknown[] {
  return diagnostics.map((diagnostic) => diagnosticJson(completed(diagnostic)));
}

/** One that came from afar may lack what only the loader knows. */
function completed(diagnostic: DiagnosticFacts): Diagnostic {
  return { pointer: null, key: null, others: [], sourceLine: null, ...diagnostic };
}

function errorJson(error: TsdockError): unknown {
  const first = error.diagnostics.find(({ severity }) => severity === 'error') ?? null;
  if (first !== null) {
    const { code, message, file, line, column, hint } = first;
    return { error: { code, message, file, line, column, hint }, errors: diagnosticsJson(error.diagnostics) };
  }
  const { code, message, hint } = error;
  return { error: { code, message, file: null, line: null, column: null, hint } };
}

/** Before the command line is understood there is only its text to go by. */
function wantsJson(argv: readonly string[]): boolean {
  return argv.some((word, index) => {
    if (word === '-ojson' || word === '--output=json' || word === '-o=json') return true;
    return (word === '-o' || word === '--output') && argv[index + 1] === 'json';
  });
}

function stackOf(error: TsdockError): string {
  return error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : (error.stack ?? error.message);
}
