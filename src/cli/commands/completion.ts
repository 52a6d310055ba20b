import { type CommandContext, type CommandSpec, done, type OptionSpec, type Outcome, usage } from '../command.ts';
import { commandTable, globalOptions } from '../table.ts';

export async function run({ streams }: CommandContext, [shell = '']: readonly string[]): Promise<Outcome> {
  const script = scripts[shell];
  if (script === undefined) throw usage(`no completion for "${shell}"`, `possible: ${Object.keys(scripts).join(', ')}`);
  streams.stdout.write(script());
  return done;
}

const scripts: Readonly<Record<string, () => string>> = {
  bash: bashScript,
  zsh: () => `autoload -U +X bashcompinit && bashcompinit\n${bashScript()}`,
  fish: fishScript,
};

const topLevel = () => [...new Set(commandTable.map(({ name }) => name.split(' ')[0] ?? ''))];
const below = (group: string) => commandTable.flatMap(({ name }) => (name.startsWith(`${group} `) ? [name.slice(group.length + 1)] : []));
const groups = () => topLevel().filter((name) => below(name).length > 0);
const longFlags = (options: readonly OptionSpec[]) => options.flatMap(({ flags }) => /--[\w-]+/.exec(flags) ?? []);

function flagsOf(word: string): string {
  const specs = commandTable.filter(({ name }: CommandSpec) => name.split(' ')[0] === word);
  return [...new Set([...specs.flatMap(({ options }) => longFlags(options)), ...longFlags(globalOptions)])].join(' ');
}

function bashScript(): string {
  const cases = topLevel().map((word) => `    ${word}) words="${[...below(word), flagsOf(word)].join(' ').trim()}";;`);
  return `_tsdock() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  case "\${COMP_CWORD}:\${COMP_WORDS[1]}" in 1:*) words="${topLevel().join(' ')}";; *) case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac;; esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _tsdock tsdock
`;
}

function fishScript(): string {
  const summaries = new Map(commandTable.map(({ name, summary }) => [name.split(' ')[0] ?? '', summary]));
  const top = [...summaries].map(
    ([name, summary]) => `complete -c tsdock -n __fish_use_subcommand -a ${name} -d '${summary.replaceAll("'", '')}'`,
  );
  const inner = groups().flatMap((group) =>
    below(group).map((name) => `complete -c tsdock -n '__fish_seen_subcommand_from ${group}' -a ${name}`),
  );
  return `${[...top, ...inner].join('\n')}\n`;
}
