import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lookUp } from '../../../src/controllers/container/image-files.ts';
import { containerError, isNear } from '../../../src/controllers/container/start-error.ts';
import type { StartFacts } from '../../../src/controllers/container/start-facts.ts';
import { TsdockError } from '../../../src/model/errors.ts';
import { NativeError } from '../../../src/native/index.ts';
import { webKey } from '../../support/samples.ts';
import { scratch } from '../../support/scratch.ts';

/** An image of layers, lowest first: path → content, mode 0755. */
async function image(...layers: readonly Readonly<Record<string, string | Uint8Array>>[]): Promise<readonly string[]> {
  const root = scratch();
  for (const [index, files] of layers.entries()) {
    for (const [path, content] of Object.entries(files)) {
      const full = join(root, `${index}`, path);
      await mkdir(dirname(full), { recursive: true });
      await writeFile(full, content);
      await chmod(full, 0o755);
    }
  }
  return layers.map((_, index) => join(root, `${index}`));
}

const failure = (code: string, step = 'exec', message = `${step}: execve: ${code}`) =>
  new NativeError({ code, step, syscall: 'execve', message });

/** `CODE message; hint: …` of a failed start. */
async function told(error: NativeError, layers: readonly string[], argv0: string, over: Partial<StartFacts> = {}): Promise<string> {
  const facts = {
    key: webKey,
    slot: 1,
    container: 'web',
    imageRef: 'app:5',
    argv0,
    cwd: '/srv',
    path: '/usr/bin:/bin',
    user: '0',
    layers,
    ...over,
  };
  const found = await containerError(error, webKey, facts);
  if (!(found instanceof TsdockError)) throw new Error('not translated');
  expect(found.cause).toBe(error);
  expect(found.key).toBe(webKey);
  return `${found.code} ${found.message}${found.hint === null ? '' : `; hint: ${found.hint}`}`;
}

/** First bytes of a 64-bit little-endian program. */
const elf = (machine: number) => Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, machine, 0]);

describe('a command that is not there', () => {
  test('is RUN127 with names that are near', async () => {
    const layers = await image({ 'app/server': 'x', 'app/other': 'x' }, { 'app/sarven': 'x' });
    expect(await told(failure('ENOENT'), layers, '/app/sarver')).toBe(
      'RUN127 web: "/app/sarver" not found in image app:5; hint: near names: /app/sarven, /app/server',
    );
    expect(await told(failure('ENOENT'), layers, '/app/zzz')).toBe('RUN127 web: "/app/zzz" not found in image app:5');
  });

  test('is looked for along PATH, and below the working directory when it has a slash', async () => {
    const layers = await image({ 'usr/bin/nginx': 'x', 'srv/run/me': 'x' });
    expect(await told(failure('ENOENT'), layers, 'ngimx')).toBe(
      'RUN127 web: "ngimx" not found in image app:5 along PATH; hint: near names: /usr/bin/nginx',
    );
    expect(await told(failure('ENOENT'), layers, 'run/mi')).toBe(
      'RUN127 web: "run/mi" not found in image app:5; hint: near names: /srv/run/me',
    );
  });
});

describe('a command that cannot be run is RUN126', () => {
  test('a script whose interpreter is missing, also by a carriage return', async () => {
    const layers = await image({ 'entry.sh': '#!/bin/bash\r\necho\r\n', 'other.sh': '#! /bin/bash -e\n' });
    expect(await told(failure('ENOENT'), layers, '/entry.sh')).toBe(
      'RUN126 web: /entry.sh needs "/bin/bash\\r"; hint: the script has Windows line endings',
    );
    expect(await told(failure('ENOENT'), layers, '/other.sh')).toBe(
      'RUN126 web: /other.sh needs "/bin/bash"; hint: the image has no such interpreter',
    );
  });

  test('a program for another machine, or for another loader', async () => {
    const [own, foreign] = process.arch === 'arm64' ? [183, 62] : [62, 183];
    const layers = await image({ foreign: elf(foreign), dynamic: elf(own) });
    expect(await told(failure('ENOEXEC'), layers, '/foreign')).toMatch(
      /^RUN126 web: \/foreign is an (aarch64|x86_64) program, this host is (aarch64|x86_64); hint/,
    );
    expect(await told(failure('ENOENT'), layers, '/dynamic')).toContain('RUN126 web: /dynamic needs a dynamic loader that the image lacks');
  });

  test('what has no execute bit, is a directory or no program at all', async () => {
    const layers = await image({ 'app/plain': 'x', text: 'x' });
    await chmod(join(layers[0] ?? '', 'app/plain'), 0o644);
    expect(await told(failure('EACCES'), layers, '/app/plain')).toContain('RUN126 web: /app/plain is not executable (mode 0644)');
    expect(await told(failure('EACCES'), layers, '/app')).toBe('RUN126 web: /app is a directory');
    expect(await told(failure('ENOEXEC'), layers, '/text')).toBe(
      'RUN126 web: /text is no program this kernel can run; hint: a script must begin with #!',
    );
  });

  test('a FIFO, without ever opening it', async () => {
    const layers = await image({ x: '' });
    execFileSync('mkfifo', ['-m', '755', join(layers[0] ?? '', 'pipe')]);
    expect(await told(failure('EACCES'), layers, '/pipe')).toBe('RUN126 web: /pipe is not a regular file');
  });
});

test.each([
  [
    failure('E_USER', 'user', 'user: user "deploy" is not in /etc/passwd of the image'),
    'RUN010 web: user "deploy" is not in /etc/passwd of the image; hint: a numeric id such as 1000',
  ],
  [failure('E_STUCK', 'stop', 'pid 7 is stuck'), 'RUN030 web: stop: pid 7 is stuck'],
  [
    failure('EINVAL', 'rootfs.overlay', 'rootfs.overlay: fsconfig(lowerdir+ 3): EINVAL'),
    'RUN020 web: rootfs.overlay: fsconfig(lowerdir+ 3): EINVAL',
  ],
  [failure('ENOSPC', 'cgroup', 'no space'), 'RUN020 web: cgroup: no space'],
])('%s', async (error, expected) => expect(await told(error, [], '/x')).toBe(expected));

test('without facts the code is right and the message plainer, and what is no native failure passes unchanged', async () => {
  expect(await containerError(failure('ENOENT'), webKey, null)).toMatchObject({ code: 'RUN127' });
  expect(await containerError(failure('EACCES'), webKey, null)).toMatchObject({ code: 'RUN126' });
  const bug = new TypeError('x');
  expect(await containerError(bug, webKey, null)).toBe(bug);
});

describe('a path in an image', () => {
  test('is found in the upper layer first, through links that stay inside', async () => {
    const layers = await image({ 'bin/sh': 'old', 'usr/bin/sh': 'real' }, { 'bin/sh': 'new' });
    await symlink('/usr/bin', join(layers[1] ?? '', 'links'));
    await symlink('../../../../etc', join(layers[1] ?? '', 'out'));
    expect(await lookUp(layers, '/bin/sh')).toMatchObject({ is: 'file', head: new TextEncoder().encode('new') });
    expect(await lookUp(layers, '/links/sh')).toMatchObject({ is: 'file', head: new TextEncoder().encode('real') });
    expect(await lookUp(layers, '/out/passwd')).toEqual({ is: 'absent' });
    expect(await lookUp(layers, '/../../bin/../bin/sh')).toMatchObject({ is: 'file' });
  });

  test('that goes round in circles is nothing', async () => {
    const layers = await image({ x: '' });
    await symlink('/loop', join(layers[0] ?? '', 'loop'));
    expect(await lookUp(layers, '/loop')).toEqual({ is: 'other' });
  });
});

test.each([
  ['server', 'sarver', true],
  ['server', 'servers', true],
  ['server', 'server', false],
  ['server', 'client', false],
  ['ab', 'xy', false],
  ['nginx', 'ngnix', true],
])('%s and %s are near: %s', (wanted, candidate, expected) => expect(isNear(wanted, candidate)).toBe(expected));
