import type { Logger } from './model/log.ts';
import { formatInstant } from './model/time.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

export interface LoggerOptions {
  readonly stream: { write(text: string): unknown };
  /** One JSON object a line for programs, one line of text for people. */
  readonly form: 'json' | 'text';
  /** Lowest level that is written. */
  readonly level: Level;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** A log that writes one line a message; control characters are escaped in both forms, so that no value can forge a line. */
export function createLogger(options: LoggerOptions): Logger {
  const { stream, level, fields = {} } = options;
  const lowest = levels.indexOf(level);
  const write =
    (of: Level) =>
    (message: string, more: Readonly<Record<string, unknown>> = {}) => {
      if (levels.indexOf(of) < lowest) return;
      const line = { at: formatInstant(Date.now()), level: of, message, ...fields, ...more };
      stream.write(`${options.form === 'json' ? toJson(line) : toText(of, message, { ...fields, ...more })}\n`);
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (more) => createLogger({ ...options, fields: { ...fields, ...more } }),
  };
}

function toText(level: Level, message: string, fields: Readonly<Record<string, unknown>>): string {
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : toJson(value)}`);
  return `${level === 'info' ? '' : `${level}: `}${message}${rest.join('')}`.replace(controls, escapeOne);
}

function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'bigint' ? String(inner) : inner instanceof Error ? inner.message : inner,
  );
  return (text ?? 'undefined').replace(controls, escapeOne);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function escapeOne(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
