/** Bad inputs of reliability.md 9 that need a real kernel, real programs or another user, by the numbers of its rows. The others: test/integration/bad-inputs.test.ts. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { addImage, tar } from '../../scripts/lib/oci-layout.mjs';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import { type CommandResult, packageRoot, type TestHost } from '../support/host.ts';
import { busyboxLayout } from '../support/images.ts';

const container = (name: string, image: string, fields = ''): string =>
  `apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: ${name}}\nspec:\n  image: ${image}\n${fields}`;

/** The one line of a failed apply that says why, without the directory the manifest is in. */
function causeOf({ stderr }: CommandResult, host: TestHost): string {
  const causes = stderr.split('\n').filter((line) => line.startsWith('✘ ') && line.includes('error['));
  expect(causes, stderr).toHaveLength(1);
  return causes[0]?.slice(2).replaceAll(`${host.directory}/`, '') ?? '';
}

/** An image whose programs cannot be run, beside those of busybox. */
function brokenImage(host: TestHost): string {
  const layout = join(host.directory, 'broken');
  const elf = Buffer.alloc(4096);
  elf.write('\x7fELF\x02\x01\x01', 'latin1');
  elf.writeUInt16LE(2, 16); // an executable
  elf.writeUInt16LE(0xb7, 18); // for aarch64
  elf.writeUInt32LE(1, 20);
  const files = tar([
    { name: 'app', type: 'directory' },
    { name: 'app/server', content: elf, mode: 0o755 },
    { name: 'entry.sh', content: '#!/bin/bash\r\necho\r\n', mode: 0o755 },
    { name: 'etc', type: 'directory' },
    { name: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\n' },
  ]);
  addImage(layout, { tag: '1', layers: [files], config: { Cmd: ['/app/server'], Env: ['PATH=/app'], WorkingDir: '/' } });
  return `oci:${layout}:1`;
}

onHost('a container that cannot be started is one line with its place, exit 1, and others run on', async (host) => {
  const other = host.write('other.yaml', container('other', `oci:${busyboxLayout()}:1`));
  await host.ok(['apply', '-f', other, '--set', 'other']);
  const before = await host.json(['ps']);
  const image = brokenImage(host);
  const rows: readonly (readonly [row: string, fields: string, says: string])[] = [
    [
      '77 command not in the image',
      '  command: [/app/sarver]\n',
      `bad.yaml:6:3: error[RUN127]: bad: "/app/sarver" not found in image ${image}; hint: near names: /app/server`,
    ],
    [
      '78 interpreter, CRLF',
      '  command: [/entry.sh]\n',
      'bad.yaml:6:3: error[RUN126]: bad: /entry.sh needs "/bin/bash\\r"; hint: the script has Windows line endings',
    ],
    [
      '79 other architecture',
      '',
      'bad.yaml:5:10: error[RUN126]: bad: /app/server is an aarch64 program, this host is x86_64; hint: use an image for this platform',
    ],
    [
      '80 unknown user',
      '  user: deploy\n',
      'bad.yaml:6:9: error[RUN010]: bad: user "deploy" is not in /etc/passwd of the image; hint: a numeric id such as 1000',
    ],
  ];
  for (const [row, fields, says] of rows) {
    const file = host.write('bad.yaml', container('bad', image, `${fields}`));
    const result = await host.tsdock(['apply', '-f', file]);
    expect(causeOf(result, host), row).toBe(says.replaceAll(`${host.directory}/`, ''));
    expect(result.code, row).toBe(1);
    const { items } = await host.json<{ readonly items: readonly { readonly name: string; readonly phase: string }[] }>(['ps']);
    expect(
      items.filter(({ phase }) => phase === 'running').map(({ name }) => name),
      row,
    ).toEqual(['other-1']);
    await host.ok(['delete', 'container/bad']);
    expect(await host.json(['ps']), row).toEqual(before);
  }
  await host.ok(['delete', '--all']);
});

onHost('81 host port busy: who has it is named, nothing is published, and it goes on when the port is free', async (host) => {
  const server = host.spawn('/bin/busybox', ['nc', '-l', '-p', '8080']);
  await eventually(() => host.inNetwork('sh', ['-c', 'grep -q ":1F90 .* 0A " /proc/net/tcp*']));
  const file = host.write('bad.yaml', container('bad', `oci:${busyboxLayout()}:1`, '  ports:\n    - "9090:80"\n    - "8080:80"\n'));
  const busy = await host.tsdock(['apply', '-f', file, '--timeout', '20s']);
  expect(causeOf(busy, host)).toMatch(
    /^bad\.yaml:8:7: error\[PRT010\]: 0\.0\.0\.0:8080 is in use by (?:nc|busybox) \(pid \d+\) \(3 tries\); hint: stop it, or publish another host port$/,
  );
  expect(busy.code).toBe(1);
  expect(() => host.fetch('http://127.0.0.1:9090/')).toThrow();
  server.kill();
  await host.ok(['apply', '-f', file]);
  expect(host.fetch('http://127.0.0.1:8080/')).toBe('busybox 1\n');
  await host.ok(['delete', '--all']);
});

onHost('81 host port of another engine: its container, process and directory are named, and both keep what they have', async (host) => {
  const config = host.write(
    'second.yaml',
    `apiVersion: tsdock/v1\nkind: EngineConfig\nmetadata: {name: engine}\nspec: {prefix: ${host.prefix}b}\n`,
  );
  const places = ['--state-dir', join(host.directory, 'second'), '--run-dir', join(host.directory, 'second-run'), '--config', config];
  const image = `oci:${busyboxLayout()}:1`;
  await host.ok(['apply', '-f', host.write('one.yaml', container('one', image, '  ports: ["8080:80", "5353:53/udp"]\n'))]);
  for (const [port, protocol, written] of [
    [8080, 'tcp', '"127.0.0.1:8080:80"'],
    [5353, 'udp', '"5353:53/udp"'],
  ] as const) {
    const file = host.write('two.yaml', container('two', image, `  ports: [${written}]\n`));
    const busy = await host.tsdock(['apply', '-f', file, ...places]);
    expect(causeOf(busy, host)).toMatch(
      new RegExp(
        `^two\\.yaml:6:11: error\\[PRT010\\]: \\S+:${port}/${protocol} is in use by Container/default/one of another tsdock \\(pid \\d+, run directory ${host.runDir}\\) \\(3 tries\\); hint: stop it, or publish another host port$`,
      ),
    );
    expect(busy.code).toBe(1);
  }
  expect(host.fetch('http://127.0.0.1:8080/')).toBe('busybox 1\n');
  await host.ok(['delete', '--all', ...places]);
  await host.ok(['delete', '--all']);
});

onHost('an engine with the prefix of another one makes nothing, and says whose it is', async (host) => {
  const image = `oci:${busyboxLayout()}:1`;
  await host.ok(['apply', '-f', host.write('one.yaml', container('one', image, '  ports: ["8080:80"]\n'))]);
  const places = ['--state-dir', join(host.directory, 'second'), '--run-dir', join(host.directory, 'second-run')];
  const refused = await host.tsdock(['apply', '-f', host.write('two.yaml', container('two', image)), ...places]);
  expect(refused.stderr).toMatch(
    new RegExp(
      `prefix ${host.prefix} is in use by the engine with run directory ${host.runDir} \\(pid \\d+\\); each engine needs a spec.prefix of its own`,
    ),
  );
  expect(refused.code).toBe(1);
  expect(host.fetch('http://127.0.0.1:8080/')).toBe('busybox 1\n');
  await host.ok(['delete', '--all']);
});

onHost('98 second daemon, and a command beside a daemon that it cannot reach: the holder is named, nothing is touched', async (host) => {
  const first = await host.daemon();
  const elsewhere = join(host.directory, 'run-2');
  const held = new RegExp(
    `^error\\[DMN001\\]: ${host.stateDir} is in use by pid \\d+ since \\d{4}-\\d\\d-\\d\\dT\\S+Z; hint: use that one, or --state-dir\n$`,
  );
  for (const words of [['daemon'], ['stop', 'web', '--lock-timeout', '0']]) {
    const { code, stderr } = await host.tsdock([...words, '--run-dir', elsewhere]);
    expect(stderr).toMatch(held);
    expect(code).toBe(6);
  }
  expect(first.exitCode).toBeNull();
  await host.ok(['status']);
});

onHost('89, 103 what only root or its group may do says so, and does nothing', async (host) => {
  const asNobody = async (...args: readonly string[]): Promise<readonly [number | null, string]> => {
    const words = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, join(packageRoot, 'bin', 'tsdock'), ...args];
    const child = host.spawn('setpriv', words);
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return [code, stderr];
  };
  const socket = join(host.runDir, 'tsdock.sock');
  expect(await asNobody('ps')).toEqual([
    8,
    `error[CLI001]: no daemon on ${socket} (no such socket), and only root can do without one; hint: sudo, or journalctl -u tsdock\n`,
  ]);
  expect(await asNobody('daemon')).toEqual([
    1,
    'error[DMN030]: tsdock daemon needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN missing); hint: sudo tsdock daemon\n',
  ]);
  await host.daemon();
  chmodSync(host.runDir, 0o711); // as /run/tsdock is
  const [code, stderr] = await asNobody('ps');
  expect(stderr).toMatch(
    new RegExp(`^error\\[CLI002\\]: ${socket} is root:\\w+ 0660, you are "nobody"; hint: sudo, or join group tsdock\n$`),
  );
  expect(code).toBe(8);
});
