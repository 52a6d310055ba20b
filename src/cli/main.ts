/** Entry of the command line: finds the command in the table, loads it, turns how it ended into an exit code. Imports nothing else on purpose. */
import { Command, Option } from 'commander';
import { errorCodes, TsdockError } from '../model/errors.ts';
import type { CommandSpec, OptionSpec, Options, Outcome, Streams } from './command.ts';
import { commandTable, globalOptions } from './table.ts';

/** Runs one command line and says its exit code. Never rejects. */
export async function main(argv: readonly string[], streams: Streams = process): Promise<number> {
  let called: Called | null = null;
  try {
    const program = buildProgram(argv, streams, (call) => {
      called = call;
    });
    await program.parseAsync(argv, { from: 'user' });
    if (called === null) return 0; // help was printed
    return exitCodeOf(await runCommand(called, streams));
  } catch (error) {
    const { asTsdockError } = await import('./usage.ts');
    const failure = asTsdockError(error, argv);
    if (failure === null) return 0; // help was printed
    const { printError } = await import('./report.ts');
    printError(failure, argv, streams);
    return exitCodeOf(failure);
  }
}

/** The one place that knows what number an end has (contract.md). */
export function exitCodeOf(end: Outcome | TsdockError): number {
  if (end instanceof TsdockError) return errorCodes[end.code].exit;
  switch (end.is) {
    case 'ok':
      return 0;
    case 'changes':
      return 2;
    case 'interrupted':
      return errorCodes.ABORTED.exit;
    case 'invalid':
      return errorCodes.MANIFEST.exit;
    case 'exit':
      return end.code;
  }
}

interface Called {
  readonly spec: CommandSpec;
  readonly args: readonly string[];
  readonly options: Options;
}

async function runCommand({ spec, args, options }: Called, streams: Streams): Promise<Outcome> {
  const { readGlobals } = await import('./globals.ts');
  const globals = readGlobals(options, process.env);
  const interruption = watchSignals(spec.endsItself ? null : endWithinMs);
  // What a command waits for may hold no handle of the event loop (an event of the native module): the process lives until the command has ended.
  const alive = setInterval(() => undefined, 2 ** 30);
  try {
    const { run } = await spec.load();
    return await run({ globals, streams, env: process.env, cwd: process.cwd(), signal: interruption.signal }, args, options);
  } finally {
    clearInterval(alive);
    interruption.end();
  }
}

/** An interrupted command lets go of lock and sockets within this time, or is ended. */
const endWithinMs = 10_000;

/** Aborts at the first SIGINT or SIGTERM, so that a wait ends in order; the second one, or `withinMs`, ends the process. */
function watchSignals(withinMs: number | null): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const abort = () => {
    end();
    const interrupted = new TsdockError('ABORTED', { message: 'interrupted' });
    if (withinMs !== null) setTimeout(() => process.exit(exitCodeOf(interrupted)), withinMs).unref();
    controller.abort(interrupted);
  };
  const end = () => {
    process.removeListener('SIGINT', abort);
    process.removeListener('SIGTERM', abort);
  };
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  return { signal: controller.signal, end };
}

// -------------------------------------------------------------------------------------------------------------------- program

function buildProgram(argv: readonly string[], streams: Streams, onCall: (call: Called) => void): Command {
  const program = prepared(new Command('tsdock'), streams)
    .description('Declarative container engine for one Linux host')
    .usage('[options] <command>')
    .enablePositionalOptions();
  addOptions(program, globalOptions);
  const groups = new Map<string, Command>();
  for (const spec of commandsOf(argv)) addCommand(program, groups, spec, streams, onCall);
  return program;
}

/** The commands whose names are among the words, since making all of them costs more than many a command; all of them when none is, or help is wanted. */
function commandsOf(argv: readonly string[]): readonly CommandSpec[] {
  const words = new Set(argv);
  if (words.has('--help') || words.has('-h') || words.has('help')) return commandTable;
  const named = commandTable.filter(({ name, alias }) => words.has(name.split(' ')[0] ?? '') || words.has(alias ?? ''));
  return named.length === 0 ? commandTable : named;
}

function addCommand(program: Command, groups: Map<string, Command>, spec: CommandSpec, streams: Streams, onCall: (call: Called) => void) {
  const [first = '', second] = spec.name.split(' ');
  const parent = second === undefined ? program : groupOf(program, groups, first, streams);
  const command = prepared(new Command(second ?? first), streams)
    .summary(spec.summary)
    .description(spec.summary);
  if (spec.alias !== undefined) command.alias(spec.alias);
  for (const argument of spec.args.split(/ +(?=[<[])/)) if (argument !== '') command.argument(argument);
  if (spec.passThrough) command.passThroughOptions();
  command.action(() => onCall({ spec, args: command.args, options: { ...program.opts(), ...command.opts() } }));
  // Options are made for the one command that is called.
  parent.hook('preSubcommand', (_parent, called) => {
    if (called === command) addOptions(addOptions(command, spec.options), globalOptions);
  });
  parent.addCommand(command);
}

function groupOf(program: Command, groups: Map<string, Command>, name: string, streams: Streams): Command {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const group = prepared(new Command(name), streams).summary(`commands about ${name}s`).usage('<command>').enablePositionalOptions();
  groups.set(name, group);
  program.addCommand(group);
  return group;
}

/** Mistakes are thrown and told by report.ts, with suggestions of usage.ts; help goes to stdout. */
function prepared(command: Command, { stdout }: Streams): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError(false)
    .helpCommand(command.name() === 'tsdock')
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stdout.write(text), outputError: () => undefined });
}

function addOptions(command: Command, specs: readonly OptionSpec[]): Command {
  for (const { flags, description, several } of specs) {
    const option = new Option(flags, description);
    if (several) option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
    command.addOption(option);
  }
  return command;
}
