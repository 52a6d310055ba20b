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
      return unknownCommand(quoted, argv);
    case 'commander.unknownOption': {
      const spec = calledSpec(argv);
      const later = spec === null ? undefined : laterOptions[`${spec.name} ${quoted.split('=')[0]}`];
      if (later !== undefined) return usage(`${quoted} is known, but comes with ${later}`, `tsdock ${spec?.name} --help`);
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

/** Commands that are planned, and the milestone they come with. */
const laterCommands: Readonly<Record<string, string>> = {
  ...{ run: 'M2', attach: 'M2', cp: 'M2', undelete: 'M2', scale: 'M2', rollout: 'M2', history: 'M2' },
  ...{ rollback: 'M2', suspend: 'M2', resume: 'M2', login: 'M2', logout: 'M2', init: 'M2', fmt: 'M2' },
  ...{ import: 'M3', export: 'M4', debug: 'M4', dev: 'M4', 'port-forward': 'M4' },
};

/** Options that are planned, likewise. */
const laterOptions: Readonly<Record<string, string>> = {
  'diff --out': 'M2',
  'diff --drift': 'M2',
  'diff --against': 'M2',
  'diff --full': 'M2',
  'diff --offline': 'M2',
  'diff --show-secrets': 'M2',
  'apply --no-rollback': 'M2',
  'apply --force-replace': 'M2',
  'apply --reset-overrides': 'M2',
  'apply -R': 'M2',
  'apply --profile': 'M3',
  'apply --env-file': 'M3',
  'apply -p': 'M3',
  'logs --until': 'M2',
  'logs --grep': 'M2',
  'logs -c': 'M2',
  'stop --for': 'M2',
  'exec -c': 'M2',
  'lint --report': 'M3',
  'lint --strict': 'M2',
  'lint --watch': 'M2',
  'doctor --fix': 'M2',
  'daemon --docker': 'M3',
};

function unknownCommand(word: string, argv: readonly string[]): TsdockError {
  const later = groupOf(argv).length === 0 ? laterCommands[word] : undefined;
  if (later === undefined) return usage(`unknown command "${word}"`, didYouMean(word, commandWords(argv)) ?? 'tsdock help');
  return usage(`"${word}" is known, but comes with ${later}`, word === 'run' ? 'write a manifest and tsdock apply -f it' : 'tsdock help');
}

/** Commands that could stand where the unknown one does. */
function commandWords(argv: readonly string[]): readonly string[] {
  const group = groupOf(argv);
  if (group.length > 0) return group.map(({ name }) => name.split(' ')[1] ?? '');
  return commandTable.flatMap(({ name, alias }) => [name.split(' ')[0] ?? '', ...(alias === undefined ? [] : [alias])]);
}

/** The commands of the group a command line names, `image` for example. */
function groupOf(argv: readonly string[]): readonly CommandSpec[] {
  return commandTable.filter(({ name }) => name.includes(' ') && argv.includes(name.split(' ')[0] ?? ''));
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
