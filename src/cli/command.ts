/** What a command is: a row of the table (`table.ts`) and a body that is loaded when it is called. */
import { TsdockError } from '../model/errors.ts';
import type { Instant } from '../model/resource.ts';

export interface OptionSpec {
  /** As commander writes it: `-f, --filename <path>`; `<…>` takes a value, `--no-x` turns one off. */
  readonly flags: string;
  readonly description: string;
  /** May be given several times; the value is a list. */
  readonly several?: true;
}

export interface CommandSpec {
  /** `apply`, or `image ls` for one of a group. */
  readonly name: string;
  readonly alias?: string;
  /** `<kind> [name]`, `<name...>`; empty: none. */
  readonly args: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  /** What follows the first argument belongs to somebody else's command line. */
  readonly passThrough?: true;
  /** Takes its own time after an interruption: others are ended when they do not end themselves. */
  readonly endsItself?: true;
  readonly load: () => Promise<CommandModule>;
}

export interface CommandModule {
  run(context: CommandContext, args: readonly string[], options: Options): Promise<Outcome>;
}

/** How a command ended, without numbers: `exitCodeOf` in main.ts knows those. */
export type Outcome =
  | { readonly is: 'ok' }
  | { readonly is: 'changes' } // diff and dry runs
  | { readonly is: 'interrupted' } // what only follows something, and was told to end
  | { readonly is: 'invalid' } // manifests with errors that were already printed
  | { readonly is: 'exit'; readonly code: number }; // that of an apply or of a command that was run

export const done: Outcome = { is: 'ok' };

/** `tree`, `unified` and `markdown` are forms of a plan. */
export const outputFormats = ['table', 'wide', 'json', 'yaml', 'name', 'jsonpath', 'template', 'tree', 'unified', 'markdown'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** Flags every command has, with what the environment says. */
export interface Globals {
  /** Null: not given; `default` for names, all for none. */
  readonly namespace: string | null;
  readonly output: OutputFormat;
  /** What follows `jsonpath=` or `template=`; empty for other forms. */
  readonly expression: string;
  readonly color: 'auto' | 'always' | 'never';
  readonly progress: 'auto' | 'tty' | 'plain' | 'json' | 'none';
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly timeoutMs: number | null;
  readonly lockTimeoutMs: number;
  readonly stateDir: string;
  readonly runDir: string;
  readonly config: string;
  /** Whether somebody asked for that config file: then it must be there. */
  readonly configGiven: boolean;
  /** Socket of the daemon. */
  readonly socket: string;
  /** Whether somebody asked for that socket: then a daemon must be there. */
  readonly socketGiven: boolean;
}

/** Where a command reads and writes; a terminal knows its size. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export interface CommandContext {
  readonly globals: Globals;
  readonly streams: Streams;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly cwd: string;
  /** Aborted by SIGINT or SIGTERM; the second one ends the process. */
  readonly signal: AbortSignal;
}

// -------------------------------------------------------------------------------------------------------------------- options

/** Values as commander parsed them, by the camel-case name of the long flag. */
export type Options = Readonly<Record<string, unknown>>;

export function flag(options: Options, name: string): boolean {
  return options[name] === true;
}

/** Of a flag that can be turned off with `--no-…` and is on otherwise. */
export function flagOn(options: Options, name: string): boolean {
  return options[name] !== false;
}

export function text(options: Options, name: string): string | null {
  const value = options[name];
  return typeof value === 'string' ? value : null;
}

export function texts(options: Options, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

export function count(options: Options, name: string): number | null {
  const value = text(options, name);
  if (value === null || value === 'all') return null;
  if (!/^\d{1,9}$/.test(value)) throw usage(`--${name} "${value}" is not a number`);
  return Number(value);
}

/** `30%` or `0.3` → 0.3 */
export function share(options: Options, name: string, flagName: string): number | null {
  const value = text(options, name);
  if (value === null) return null;
  const number = value.endsWith('%') ? Number(value.slice(0, -1)) / 100 : Number(value);
  if (value.trim() === '' || !(number >= 0 && number <= 1)) throw usage(`${flagName} "${value}" is not a share`, '30%');
  return number;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `1h30m`, `500ms`; a bare number is seconds. CLI010 otherwise. */
export function parseDuration(value: string, flagName: string): number {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1_000;
  const parts = [...value.matchAll(/(?<number>\d+(?:\.\d+)?)(?<unit>ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== value) throw usage(`${flagName} "${value}" is not a duration`, '30s');
  return parts.reduce((sum, { groups }) => sum + Number(groups?.number) * (units[groups?.unit ?? ''] ?? 0), 0);
}

/** A time as RFC 3339, or a duration before now. */
export function parseSince(value: string, now: Instant, flagName: string): Instant {
  if (/^\d{4}-/.test(value)) {
    const instant = Date.parse(value);
    if (Number.isNaN(instant)) throw usage(`${flagName} "${value}" is not a time`, '2026-03-01T12:00:00Z, or 10m');
    return instant;
  }
  return now - parseDuration(value, flagName);
}

/** A mistake in the command line: exit 64. */
export function usage(message: string, hint?: string): TsdockError {
  return new TsdockError('CLI010', hint === undefined ? { message } : { message, hint });
}
