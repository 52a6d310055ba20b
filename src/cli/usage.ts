/** Commander's complaints as errors of ours. Loaded only when there is one. */
import { CommanderError } from 'commander';
import { didYouMean } from '../manifest/diagnostic.ts';
import { errorCodes, TsdockError } from '../model/errors.ts';
import { type CommandSpec, usage } from './command.ts';
import { escapeControls } from './output.ts';
import { commandTable, globalOptions } from './table.ts';

/** Null: help was asked for and printed. Anything that is no TsdockError is a bug and INTERNAL. */
export function asTsdockError(error: unknown, argv: readonly string[]): TsdockError | null {
  if (error instanceof CommanderError) return fromCommander(error, argv);
  if (error instanceof TsdockError) return error;
  if (isKnownCode(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new TsdockError('INTERNAL', { message, cause: error });
}

/** An error of another copy of the class; it has code and message all the same. */
function isKnownCode(error: unknown): error is TsdockError {
  return error instanceof Error && error.name === 'TsdockError' && 'code' in error && Object.hasOwn(errorCodes, String(error.code));
}

function fromCommander(error: CommanderError, argv: readonly string[]): TsdockError | null {
  const quoted = escapeControls(/'(?<word>[^']*)'/.exec(error.message)?.groups?.word ?? '');
  switch (error.code) {
    case 'commander.help':
    case 'commander.helpDisplayed':
      return null;
    case 'commander.unknownCommand':
      return usage(`unknown command "${quoted}"`, didYouMean(quoted, commandWords(argv)) ?? 'tsdock help');
    case 'commander.unknownOption': {
      const spec = calledSpec(argv);
      const name = spec === null ? '' : ` ${spec.name}`;
      return usage(`unknown option "${quoted}"`, didYouMean(quoted, longFlags(spec)) ?? `tsdock${name} --help`);
    }
    case 'commander.missingArgument':
      return usage(`${calledSpec(argv)?.name ?? 'tsdock'} needs ${quoted}`, usageOf(calledSpec(argv)));
    case 'commander.optionMissingArgument':
      return usage(`option ${quoted} needs a value`, usageOf(calledSpec(argv)));
    case 'commander.excessArguments':
      return usage(`too many arguments for ${calledSpec(argv)?.name ?? 'tsdock'}`, usageOf(calledSpec(argv)));
    default:
      return usage(error.message.replace(/^error: /, ''));
  }
}

/** Commands that could stand where the unknown one does. */
function commandWords(argv: readonly string[]): readonly string[] {
  const group = commandTable.filter(({ name }) => name.includes(' ') && argv.includes(name.split(' ')[0] ?? ''));
  if (group.length > 0) return group.map(({ name }) => name.split(' ')[1] ?? '');
  return commandTable.flatMap(({ name, alias }) => [name.split(' ')[0] ?? '', ...(alias === undefined ? [] : [alias])]);
}

/** The command a command line calls, as far as its words tell. */
function calledSpec(argv: readonly string[]): CommandSpec | null {
  const words = argv.filter((word) => !word.startsWith('-'));
  return commandTable.find(({ name, alias }) => name.split(' ').every((word) => words.includes(word)) || words[0] === alias) ?? null;
}

function longFlags(spec: CommandSpec | null): readonly string[] {
  return [...(spec?.options ?? []), ...globalOptions].flatMap(({ flags }) => /--[\w-]+/.exec(flags) ?? []);
}

function usageOf(spec: CommandSpec | null): string {
  return spec === null ? 'tsdock help' : `tsdock ${spec.name} ${spec.args}`.trim();
}
