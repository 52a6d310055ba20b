import { expect, test } from 'vitest';
import { runCli } from '../../support/cli.ts';

test.each([
  ['aply', 'error[CLI010]: unknown command "aply"; hint: apply'],
  ['run -it x', 'error[CLI010]: "run" is known, but comes with M2; hint: write a manifest and tsdock apply -f it'],
  ['history', 'error[CLI010]: "history" is known, but comes with M2; hint: tsdock help'],
  ['image lss', 'error[CLI010]: unknown command "lss"; hint: ls'],
  ['ps --all-namespace', 'error[CLI010]: unknown option "--all-namespace"; hint: --all-namespaces'],
  ['ps --nonsense', 'error[CLI010]: unknown option "--nonsense"; hint: tsdock ps --help'],
  ['ps extra', 'error[CLI010]: too many arguments for ps; hint: tsdock ps'],
  ['get', 'error[CLI010]: get needs kind; hint: tsdock get <kind> [name]'],
  ['get containr', 'error[CLI010]: unknown kind "containr"; hint: Container'],
  ['get pod', 'error[CLI010]: unknown kind "pod"; hint: kinds are Container, Image, Network, Volume, Config, Secret, Registry'],
  ['ps --timeout', 'error[CLI010]: option --timeout <duration> needs a value; hint: tsdock ps'],
  ['ps --timeout soon', 'error[CLI010]: --timeout "soon" is not a duration; hint: 30s'],
  [
    'ps -o xml',
    'error[CLI010]: --output "xml" is not possible; hint: possible: table, wide, json, yaml, name, jsonpath=…, template=…, tree, unified, markdown',
  ],
  ['apply', 'error[CLI010]: no manifest is named; hint: -f web.yaml, a directory, or - for stdin'],
  ['apply -f x --max-delete much', 'error[CLI010]: --max-delete "much" is not a share; hint: 30%'],
  ['delete', 'error[CLI010]: nothing is named; hint: tsdock delete container/web, or -f web.yaml'],
  ['delete web', 'error[CLI010]: "web" is not KIND/NAME; hint: container/web'],
  ['stop volume/data', 'error[CLI010]: "volume/data" is not a Container; hint: tsdock stop web'],
  ['logs web --tail few', 'error[CLI010]: --tail "few" is not a number'],
  ['logs web --since yesterday', 'error[CLI010]: --since "yesterday" is not a duration; hint: 30s'],
  ['explain container.comand', 'error[CLI010]: no field "comand" in Container; hint: command'],
  ['explain nothing', expect.stringContaining('error[CLI010]: unknown kind "nothing"; hint: kinds are Container')],
  ['schema nothing', expect.stringContaining('error[CLI010]: unknown kind "nothing"')],
  ['completion tcsh', 'error[CLI010]: no completion for "tcsh"; hint: possible: bash, zsh, fish'],
  ['exec web', 'error[CLI010]: exec needs command; hint: tsdock exec <name> <command...>'],
])('wrong usage: tsdock %s', async (line, message) => {
  const { code, stdout, stderr } = await runCli(line.split(' '));
  expect(stderr.trimEnd()).toEqual(message);
  expect(stdout).toBe('');
  expect(code).toBe(64);
});

test('an error as JSON has the fields of contract.md', async () => {
  const { code, stderr } = await runCli(['get', 'containr', '-o', 'json']);
  expect(JSON.parse(stderr)).toEqual({
    error: { code: 'CLI010', message: 'unknown kind "containr"', file: null, line: null, column: null, hint: 'Container' },
  });
  expect(code).toBe(64);
});

test.each(['--help', 'help', 'help apply', 'apply --help', 'image', 'image --help', ''])(
  'tsdock %s shows help and ends with 0',
  async (line) => {
    const { code, stdout } = await runCli(line.split(' ').filter((word) => word !== ''));
    expect(stdout).toMatch(/^Usage: tsdock/);
    expect(code).toBe(0);
  },
);

test('every command of the table has a body and says what it is for', async () => {
  const { commandTable } = await import('../../../src/cli/table.ts');
  for (const spec of commandTable) {
    expect(typeof (await spec.load()).run, spec.name).toBe('function');
    const { stdout } = await runCli([...spec.name.split(' '), '--help']);
    expect(stdout).toContain(spec.summary);
  }
});

test('control characters of a command line do not reach the terminal', async () => {
  const { stderr } = await runCli(['\u001b]8;;http://evil\u0007ps\u001b[2J']);
  expect(stderr).toContain('unknown command "\\x1b]8;;http://evil\\x07ps\\x1b[2J"');
});

test('an option of a later release is refused by name', async () => {
  const { code, stderr } = await runCli(['diff', '-f', 'web.yaml', '--drift']);
  expect(stderr).toBe('error[CLI010]: --drift is known, but comes with M2; hint: tsdock diff --help\n');
  expect(code).toBe(64);
});
