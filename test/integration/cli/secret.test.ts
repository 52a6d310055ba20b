import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readIdentities } from '../../../src/controllers/config/age.ts';
import { runCli } from '../../support/cli.ts';
import { eventually } from '../../support/eventually.ts';
import { packageRoot } from '../../support/host.ts';
import { scratch } from '../../support/scratch.ts';

afterEach(() => vi.unstubAllEnvs());

const manifest = `# Accounts.
apiVersion: tsdock/v1
kind: Secret
metadata: {name: db}
spec:
  stringData:
    # of the application
    password: hunter2 # change it in May
`;

/** A manifest and a host of its own, whose identity is made first. */
async function setup(text = manifest) {
  const home = scratch();
  const file = join(home, 'db.yaml');
  writeFileSync(file, text, { mode: 0o640 });
  const cli = (args: readonly string[], input?: string) => runCli(['secret', ...args], input === undefined ? {} : { input }, home);
  const { stdout } = await cli(['keygen']);
  const recipient = stdout.trim();
  const read = () => readFileSync(file, 'utf8');
  const shown = async (key: string) => (await cli(['show', 'db', key, '-f', file])).stdout;
  return { home, file, cli, recipient, read, shown };
}

test('keygen makes a key of root’s alone and prints what others encrypt for', async () => {
  const { home, recipient, cli } = await setup();
  expect(recipient).toMatch(/^age1[a-z0-9]{58}$/);
  expect(statSync(join(home, 'state/keys/identity.txt')).mode & 0o777).toBe(0o600);
  const again = await cli(['keygen']);
  expect(again.stdout.trim()).not.toBe(recipient);
  expect(await readIdentities(join(home, 'state'))).toHaveLength(2);
});

test('seal encrypts where it stands and keeps comments and mode', async () => {
  const { file, cli, read, shown } = await setup();
  expect(await cli(['seal', '-f', file])).toMatchObject({ code: 0, stdout: '1 value encrypted\n' });
  expect(read()).toMatch(
    /^# Accounts\.\n[\s\S]*spec:\n {2}encrypted:\n {4}# of the application\n {4}password: \| # change it in May\n {6}-----BEGIN AGE/,
  );
  expect(read()).not.toContain('hunter2');
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(await shown('password')).toBe('hunter2');
  expect(await cli(['seal', '-f', file])).toMatchObject({ code: 0, stdout: 'Nothing is in clear.\n' });
});

test('set takes the value from a pipe, never from the command line', async () => {
  const { file, cli, read, shown } = await setup();
  await cli(['seal', '-f', file]);
  const before = read();
  expect(await cli(['set', 'db', 'token', '-f', file], 's3cret\n')).toMatchObject({ code: 0 });
  expect(read().startsWith(before.trimEnd())).toBe(true);
  expect(await shown('token')).toBe('s3cret');
  expect(await cli(['set', 'db', 'token', '-f', file], '')).toMatchObject({ code: 64 });
  const refused = await cli(['set', 'db', 'token=s3cret', '-f', file]);
  expect(refused).toMatchObject({ code: 64 });
  expect(refused.stderr).not.toContain('s3cret');
});

test('what is clear has to be sealed before it is set, and what is not there is said with what is', async () => {
  const { file, cli } = await setup();
  expect((await cli(['set', 'db', 'password', '-f', file], 'x')).stderr).toMatch(/SEC014.*is there in clear.*tsdock secret seal/);
  expect((await cli(['set', 'web', 'password', '-f', file], 'x')).stderr).toMatch(/CLI021.*no Secret "web".*there are db/);
  expect((await cli(['show', 'db', 'nope', '-f', file])).stderr).toMatch(/CLI021.*no encrypted value "nope"/);
});

test('several recipients can read it, others are told that they cannot', async () => {
  const [one, other, third] = [await setup(), await setup(), await setup()];
  const list = join(one.home, 'recipients.txt');
  writeFileSync(list, `# the team\n${other.recipient}\n`);
  expect((await one.cli(['seal', '-f', one.file, '--recipients', one.recipient, '--recipients', list])).code).toBe(0);
  const read = (who: typeof one) => who.cli(['show', 'db', 'password', '-f', one.file]);
  expect((await read(one)).stdout).toBe('hunter2');
  expect((await read(other)).stdout).toBe('hunter2');
  expect(await read(third)).toMatchObject({ code: 1, stdout: '' });
  expect((await read(third)).stderr).toMatch(/SEC011.*db\.yaml:2: "password" of Secret "db": none of this host’s identities opens it/);

  const before = readFileSync(one.file, 'utf8');
  expect((await third.cli(['reseal', '-f', one.file])).code).toBe(1);
  expect(readFileSync(one.file, 'utf8')).toBe(before);
  expect((await other.cli(['reseal', '-f', one.file, '--recipients', third.recipient])).stdout).toBe('1 value encrypted again\n');
  expect((await read(third)).stdout).toBe('hunter2');
  expect((await read(one)).code).toBe(1);
});

test('without anybody to encrypt for, or for nobody, nothing is written', async () => {
  const home = scratch();
  const file = join(home, 'db.yaml');
  writeFileSync(file, manifest);
  expect((await runCli(['secret', 'seal', '-f', file], {}, home)).stderr).toMatch(/SEC015.*tsdock secret keygen/);
  expect((await runCli(['secret', 'seal', '-f', file, '--recipients', 'age1nobody'], {}, home)).code).toBe(64);
  expect(readFileSync(file, 'utf8')).toBe(manifest);
});

describe('edit', () => {
  const editor = (home: string, script: string): void => {
    const path = join(home, 'editor');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    vi.stubEnv('VISUAL', path);
    vi.stubEnv('XDG_RUNTIME_DIR', '');
  };

  test('shows clear values in memory only, encrypts what was changed and leaves nothing behind', async () => {
    const { home, file, cli, read, shown } = await setup();
    await cli(['seal', '-f', file]);
    await cli(['set', 'db', 'token', '-f', file], 'keep');
    const token = read().slice(read().indexOf('token:'));
    editor(
      home,
      `stat -f -c %T "$1" > ${home}/seen; stat -c %a "$1" "$(dirname "$1")" >> ${home}/seen; cat "$1" >> ${home}/seen; echo "$1" > ${home}/path; touch "$1~"; sed -i 's/hunter2/correct horse/; $ a new: "0123"' "$1"`,
    );
    const result = await cli(['edit', 'db', '-f', file]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('password, new changed');
    expect(readFileSync(join(home, 'seen'), 'utf8')).toMatch(/^tmpfs\n600\n700\n[\s\S]*password: hunter2\n/);
    expect(existsSync(join(readFileSync(join(home, 'path'), 'utf8').trim(), '..'))).toBe(false);
    expect(await shown('password')).toBe('correct horse');
    expect(await shown('new')).toBe('0123');
    expect(read()).toContain(token.trimEnd());
    expect(read()).toContain('# of the application');
  });

  test('gives back what is no map with the reason, and gives up when nothing is changed about it', async () => {
    const { home, file, cli, read } = await setup();
    await cli(['seal', '-f', file]);
    const before = read();
    editor(home, `cat "$1" >> ${home}/seen; echo 'a: [' > "$1"`);
    expect((await cli(['edit', 'db', '-f', file])).stderr).toMatch(/SEC014.*is no YAML/);
    expect(readFileSync(join(home, 'seen'), 'utf8')).toContain('# This is no YAML (line 2).');
    expect(read()).toBe(before);
    editor(home, 'exit 3');
    expect((await cli(['edit', 'db', '-f', file])).stderr).toMatch(/ended with 3, nothing was changed/);
  });

  test('is clean after every way to be ended', async () => {
    const { home, file, cli, read } = await setup();
    await cli(['seal', '-f', file]);
    const before = read();
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
      editor(home, `echo "$1" > ${home}/path; exec sleep 60`);
      const args = ['--state-dir', `${home}/state`, '--run-dir', home, 'secret', 'edit', 'db', '-f', file];
      const child = spawn(process.execPath, [join(packageRoot, 'bin/tsdock'), ...args], {
        stdio: 'ignore',
        env: { ...process.env, VISUAL: join(home, 'editor') },
      });
      const path = await eventually(() => {
        const found = existsSync(join(home, 'path')) ? readFileSync(join(home, 'path'), 'utf8').trim() : '';
        expect(found).not.toBe('');
        return found;
      }, 10_000);
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill(signal);
      await ended;
      expect(existsSync(path)).toBe(false);
      writeFileSync(join(home, 'path'), '');
    }
    expect(read()).toBe(before);
  });
});

test('on a terminal the value is typed twice and never shown', async () => {
  const { home, file, cli, shown } = await setup();
  await cli(['seal', '-f', file]);
  const command = `${process.execPath} ${join(packageRoot, 'bin/tsdock')} --state-dir ${home}/state --run-dir ${home} secret set db typed -f ${file}`;
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let screen = '';
  terminal.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
  });
  const ended = new Promise((resolve) => terminal.once('close', resolve));
  await eventually(() => expect(screen).toContain('Value of db.typed (not shown): '), 10_000);
  terminal.stdin.write('wro\u007f\u007f\u007fs3cret\r');
  await eventually(() => expect(screen).toContain('Again: '), 10_000);
  terminal.stdin.write('s3cret\r');
  expect(await ended).toBe(0);
  expect(screen).not.toContain('s3cret');
  expect(await shown('typed')).toBe('s3cret');
});
