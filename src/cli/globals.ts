import { join, resolve } from 'node:path';
import { type Globals, type Options, outputFormats, parseDuration, text, usage } from './command.ts';

/** Global flags over the environment over the defaults of contract.md. CLI010 for a value that is none of those possible. */
export function readGlobals(options: Options, env: Readonly<NodeJS.ProcessEnv>): Globals {
  const runDir = resolve(text(options, 'runDir') ?? env.TSDOCK_RUN_DIR ?? '/run/tsdock');
  const config = text(options, 'config') ?? env.TSDOCK_CONFIG ?? null;
  const timeout = text(options, 'timeout');
  return {
    namespace: text(options, 'namespace'),
    ...readOutput(text(options, 'output')),
    color: oneOf(options, 'color', ['auto', 'always', 'never'], 'auto'),
    progress: oneOf(options, 'progress', ['auto', 'tty', 'plain', 'json', 'none'], 'auto'),
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    timeoutMs: timeout === null ? null : parseDuration(timeout, '--timeout'),
    lockTimeoutMs: parseDuration(text(options, 'lockTimeout') ?? '30s', '--lock-timeout'),
    stateDir: resolve(text(options, 'stateDir') ?? env.TSDOCK_STATE_DIR ?? '/var/lib/tsdock'),
    runDir,
    config: resolve(config ?? '/etc/tsdock/config.yaml'),
    configGiven: config !== null,
    socket: resolve(text(options, 'context') ?? join(runDir, 'tsdock.sock')),
    socketGiven: text(options, 'context') !== null,
  };
}

/** `json`, or `jsonpath={.metadata.name}`. */
function readOutput(word: string | null): Pick<Globals, 'output' | 'expression'> {
  const [, name = '', expression = ''] = /^(\w+)(?:=(.*))?$/s.exec(word ?? 'table') ?? [];
  const output = outputFormats.find((candidate) => candidate === name);
  const takesExpression = output === 'jsonpath' || output === 'template';
  if (output === undefined || (!takesExpression && word?.includes('='))) {
    const forms = outputFormats.map((form) => (form === 'jsonpath' || form === 'template' ? `${form}=…` : form));
    throw usage(`--output "${word}" is not possible`, `possible: ${forms.join(', ')}`);
  }
  if (takesExpression && expression === '') throw usage(`--output ${output} needs an expression`, `-o ${output}='{.metadata.name}'`);
  return { output, expression };
}

function oneOf<T extends string>(options: Options, name: string, values: readonly T[], fallback: T): T {
  const value = text(options, name);
  if (value === null) return fallback;
  const found = values.find((candidate) => candidate === value);
  if (found === undefined) throw usage(`--${name} "${value}" is not possible`, `possible: ${values.join(', ')}`);
  return found;
}
