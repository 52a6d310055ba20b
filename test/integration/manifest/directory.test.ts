import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type DirectoryOptions,
  type DirectoryReading,
  type DirectoryState,
  emptyDirectoryState,
  initialDirectoryState,
  readDirectory,
} from '../../../src/manifest/directory.ts';

let root: string;
let directory: string;
let state: DirectoryState;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tsdock-directory-'));
  directory = join(root, 'manifests');
  mkdirSync(directory);
  state = emptyDirectoryState;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const container = (name: string, ...lines: string[]): string =>
  ['apiVersion: tsdock/v1', 'kind: Container', 'metadata:', `  name: ${name}`, 'spec:', '  image: nginx:1', ...lines, ''].join('\n');

function write(name: string, text: string | Uint8Array): void {
  writeFileSync(join(directory, name), text);
}

async function look(options: Partial<DirectoryOptions> = {}): Promise<DirectoryReading> {
  const reading = await readDirectory(directory, { set: `dir:${directory}`, namespace: 'default', ...options }, state);
  state = reading.state;
  return reading;
}

/** Root may read everything, so root steps down for a moment. Each test file has a process of its own. */
async function asNobody<T>(body: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return await body();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

const names = (reading: DirectoryReading): readonly string[] => reading.snapshot.documents.map(({ name }) => name).sort();
const held = (reading: DirectoryReading): readonly string[] => [...reading.snapshot.held].sort();
const states = (reading: DirectoryReading): Readonly<Record<string, string>> =>
  Object.fromEntries(reading.snapshot.files.map(({ path, state }) => [path.slice(directory.length + 1), state]));

test('a directory with good files is one complete snapshot that may be pruned', async () => {
  write('a.yaml', container('a'));
  write('b.yml', container('b'));
  write('c.json', JSON.stringify({ apiVersion: 'tsdock/v1', kind: 'Volume', metadata: { name: 'c' }, spec: {} }));
  const reading = await look();
  expect(names(reading)).toEqual(['a', 'b', 'c']);
  expect(reading.snapshot).toMatchObject({ complete: true, prune: true, set: `dir:${directory}` });
  expect(reading.snapshot.documents[0]?.origin).toEqual({ file: join(directory, 'a.yaml'), line: 4, column: 9 });
});

describe('F61: a file that was good and is broken now', () => {
  test('keeps its last good objects, held, while the rest goes on', async () => {
    write('a.yaml', container('a'));
    write('b.yaml', container('b'));
    await look();
    write('a.yaml', container('a', '  comand: x'));
    write('b.yaml', container('b', '  replicas: 2'));
    const reading = await look();
    expect(names(reading)).toEqual(['a', 'b']);
    expect(held(reading)).toEqual(['Container/default/a']);
    expect(reading.snapshot.complete).toBe(true);
    expect(states(reading)).toEqual({ 'a.yaml': 'quarantined', 'b.yaml': 'ok' });
    expect(reading.snapshot.files[0]?.error).toBe(
      `${directory}/a.yaml:7:3: error[SCH001]: unknown field "comand" in spec; hint: did you mean "command"?`,
    );
  });

  test('is never seen as a deletion, whatever byte the writer has reached', async () => {
    const text = `# a comment\n${container('a', '  env: {A: "1"}')}---\n${container('b', '  ports: ["8080:80"]')}`;
    write('a.yaml', text);
    await look();
    for (let length = 0; length < text.length; length += 1) {
      write('a.yaml', text.slice(0, length));
      const reading = await look();
      const kept = new Set([...names(reading), ...held(reading).map((key) => key.replace(/.*\//, ''))]);
      if (reading.snapshot.complete) expect([...kept].sort(), `after ${length} bytes`).toEqual(['a', 'b']);
    }
    write('a.yaml', text);
    expect((await look()).snapshot).toMatchObject({ complete: true, held: new Set() });
  });

  test('a document that is taken out of its file goes when the file was read twice like that', async () => {
    write('a.yaml', `${container('a')}---\n${container('b')}`);
    await look();
    write('a.yaml', container('a'));
    const first = await look();
    expect([names(first), first.snapshot.complete, first.unsettled]).toEqual([['a'], false, true]);
    const second = await look();
    expect([names(second), second.snapshot.complete, second.unsettled]).toEqual([['a'], true, false]);
    expect((await look()).unsettled).toBe(false);
  });

  test('a document that moves to another file is not waited for', async () => {
    write('a.yaml', `${container('a')}---\n${container('b')}`);
    await look();
    write('a.yaml', container('a'));
    write('b.yaml', container('b'));
    expect(await look()).toMatchObject({ unsettled: false, snapshot: { complete: true } });
  });

  test('after a restart keeps what the store knows of it', async () => {
    write('a.yaml', container('a'));
    const before = await look();
    write('a.yaml', '[');
    state = initialDirectoryState(before.snapshot.documents);
    const reading = await look();
    expect(reading.snapshot.documents).toEqual(before.snapshot.documents);
    expect(reading.snapshot.complete).toBe(true);
  });
});

test('a broken file without a last good form makes the snapshot incomplete: nothing may be pruned', async () => {
  write('a.yaml', container('a'));
  write('new.yaml', container('new', '  comand: x'));
  const reading = await look();
  expect(names(reading)).toEqual(['a']);
  expect(reading.snapshot.complete).toBe(false);
});

test('F62: what editors and copiers leave for a moment is not read', async () => {
  write('a.yaml', container('a'));
  for (const name of ['.a.yaml.swp', 'a.yaml~', '#a.yaml#', '4913', 'a.yaml.tmp', '.x.yaml.AbC', '.hidden.yaml', 'notes.txt'])
    write(name, '[');
  symlinkSync('nobody@host.1', join(directory, '.#a.yaml'));
  const reading = await look();
  expect(states(reading)).toEqual({ 'a.yaml': 'ok' });
  expect(reading.snapshot.complete).toBe(true);
});

test('.tsdockignore names what is left out', async () => {
  write('.tsdockignore', '# drafts\ndraft-*.yaml\n');
  write('a.yaml', container('a'));
  write('draft-b.yaml', '[');
  expect(states(await look())).toEqual({ 'a.yaml': 'ok' });
});

test('F63: a directory swapped by a symbolic link is read on its new side', async () => {
  for (const [side, name] of [
    ['one', 'a'],
    ['two', 'b'],
  ] as const) {
    mkdirSync(join(root, side));
    writeFileSync(join(root, side, 'x.yaml'), container(name));
  }
  const link = join(root, 'link');
  symlinkSync('one', link);
  const options: DirectoryOptions = { set: 'dir:/link', namespace: 'default' };
  const first = await readDirectory(link, options, emptyDirectoryState);
  symlinkSync('two', join(root, 'link.new'));
  renameSync(join(root, 'link.new'), link);
  const second = await readDirectory(link, options, first.state);
  expect([names(first), names(second)]).toEqual([['a'], ['b']]);
  expect(second.snapshot.documents[0]?.origin.file).toBe(join(link, 'x.yaml'));
});

describe('F66: a directory that tells nothing keeps everything', () => {
  const replaceDirectory = (put: () => void): void => {
    rmSync(directory, { recursive: true });
    put();
  };
  const cases: readonly (readonly [string, () => void])[] = [
    ['deleted', () => rmSync(directory, { recursive: true })],
    ['emptied', () => rmSync(join(directory, 'a.yaml'))],
    ['replaced by a file', () => replaceDirectory(() => writeFileSync(directory, ''))],
    ['replaced by a link that leads nowhere', () => replaceDirectory(() => symlinkSync('/nonexistent', directory))],
  ];
  test.each(cases)('%s', async (_name, spoil) => {
    write('a.yaml', container('a'));
    const before = await look();
    spoil();
    const reading = await look();
    expect(reading.snapshot.documents).toEqual(before.snapshot.documents);
    expect(reading.snapshot.complete).toBe(false);
    expect(held(reading)).toEqual(['Container/default/a']);
    expect(reading.missing).toMatch(/its object stays as it is until it returns$/);
    const again = await look();
    expect(again.snapshot.documents).toEqual(before.snapshot.documents);
  });

  test('and is taken up again when it returns', async () => {
    write('a.yaml', container('a'));
    await look();
    renameSync(directory, `${directory}.away`);
    await look();
    renameSync(`${directory}.away`, directory);
    expect((await look()).snapshot).toMatchObject({ complete: true, held: new Set() });
  });
});

describe('F67: one object in two files', () => {
  test('the later path is quarantined with both positions, the same after every restart', async () => {
    write('a.yaml', container('web'));
    write('b.yaml', container('web', '  replicas: 2'));
    for (let restart = 0; restart < 3; restart += 1) {
      state = emptyDirectoryState;
      const reading = await look();
      expect(states(reading)).toEqual({ 'a.yaml': 'ok', 'b.yaml': 'quarantined' });
      expect(reading.snapshot.files[1]?.error).toBe(
        `${directory}/b.yaml:4:9: error[SCH020]: Container "web" is already defined at ${directory}/a.yaml:4:9; hint: rename one or remove it`,
      );
      expect(reading.snapshot.documents).toHaveLength(1);
    }
  });

  test('an object of another set is left to it', async () => {
    write('web.yaml', container('web'));
    const others = (await look()).snapshot.documents.map((document) => ({ ...document, set: 'cli:default' }));
    state = emptyDirectoryState;
    const reading = await look({ others });
    expect(reading.snapshot.documents).toEqual([]);
    expect(reading.snapshot.files[0]?.error).toMatch(/SCH020.*\(set cli:default\)/);
  });

  test('a host port that another set has is left to it, whatever its file is called', async () => {
    write('a.yaml', container('a', '  ports: ["8080:80"]'));
    write('b.yaml', container('b'));
    const [document] = (await look()).snapshot.documents;
    if (document === undefined) throw new Error('no document');
    const others = [
      {
        ...document,
        key: 'Container/default/other' as const,
        name: 'other',
        set: 'zzz',
        origin: { ...document.origin, file: 'z.yaml' },
      } as typeof document,
    ];
    state = emptyDirectoryState;
    const reading = await look({ others });
    expect(states(reading)).toEqual({ 'a.yaml': 'quarantined', 'b.yaml': 'ok' });
    expect(reading.snapshot.files[0]?.error).toMatch(/PRT002.*already used by Container "other"/);
  });

  test('a host port that an earlier file has quarantines the later file only', async () => {
    write('a.yaml', container('a', '  ports: ["8080:80"]'));
    write('b.yaml', container('b', '  ports: ["8080:80"]'));
    write('c.yaml', container('c'));
    const reading = await look();
    expect(states(reading)).toEqual({ 'a.yaml': 'ok', 'b.yaml': 'quarantined', 'c.yaml': 'ok' });
    expect(names(reading)).toEqual(['a', 'c']);
  });
});

test('F68: an object that moves to another file is the same object', async () => {
  write('a.yaml', container('web'));
  const before = await look();
  renameSync(join(directory, 'a.yaml'), join(directory, 'z.yaml'));
  const after = await look();
  expect(after.snapshot.documents[0]?.key).toBe(before.snapshot.documents[0]?.key);
  expect(after.snapshot.documents[0]?.specHash).toBe(before.snapshot.documents[0]?.specHash);
  expect(after.snapshot.complete).toBe(true);
});

test('an object that moves out of a broken file is taken from its new place', async () => {
  write('a.yaml', container('web'));
  await look();
  write('a.yaml', '[');
  write('b.yaml', container('web', '  replicas: 3'));
  const reading = await look();
  expect(reading.snapshot.documents.map(({ origin, spec }) => [origin.file.slice(-6), 'replicas' in spec && spec.replicas])).toEqual([
    ['b.yaml', 3],
  ]);
});

describe('F69: what is no readable file never blocks and never throws', () => {
  test('FIFO, socket, directory are skipped with their reason', async () => {
    write('a.yaml', container('a'));
    execFileSync('mkfifo', [join(directory, 'pipe.yaml')]);
    mkdirSync(join(directory, 'folder.yaml'));
    const server = createServer().listen(join(directory, 'socket.yaml'));
    await new Promise((done) => server.on('listening', done));
    const reading = await look();
    await new Promise((done) => server.close(done));
    expect(states(reading)).toEqual({ 'a.yaml': 'ok', 'folder.yaml': 'ignored', 'pipe.yaml': 'ignored', 'socket.yaml': 'ignored' });
    expect(reading.snapshot.files.map(({ error }) => error?.slice(directory.length + 1))).toEqual([
      undefined,
      'folder.yaml: warning[YAML019]: is a directory, not a file',
      'pipe.yaml: warning[YAML019]: is a FIFO, not a file',
      'socket.yaml: warning[YAML019]: is a socket, not a file',
    ]);
    expect(reading.snapshot.complete).toBe(true);
  });

  test('a FIFO in the place of a good manifest holds its objects', async () => {
    write('a.yaml', container('a'));
    await look();
    rmSync(join(directory, 'a.yaml'));
    execFileSync('mkfifo', [join(directory, 'a.yaml')]);
    expect(held(await look())).toEqual(['Container/default/a']);
  });

  test('a sparse file of 2 GiB is refused by its size', async () => {
    write('big.yaml', '');
    truncateSync(join(directory, 'big.yaml'), 2 * 2 ** 30);
    const reading = await look();
    expect(reading.diagnostics[0]).toMatchObject({ code: 'YAML012', message: 'file is 2048 MiB, the limit is 4 MiB' });
    expect(reading.snapshot.complete).toBe(false);
  });

  test('links that go round, dangle or bytes that are no UTF-8 are quarantined', async () => {
    write('a.yaml', container('a'));
    symlinkSync('loop.yaml', join(directory, 'loop.yaml'));
    symlinkSync('gone', join(directory, 'dangling.yaml'));
    write('latin.yaml', Buffer.from('# caf\xe9\n', 'latin1'));
    const reading = await look();
    expect(states(reading)).toEqual({
      'a.yaml': 'ok',
      'dangling.yaml': 'quarantined',
      'latin.yaml': 'quarantined',
      'loop.yaml': 'quarantined',
    });
    expect(reading.diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'YAML019 cannot be read (ENOENT)',
      'YAML013 byte 0xE9 is not valid UTF-8',
      'YAML019 cannot be read (ELOOP)',
    ]);
    expect(reading.snapshot.complete).toBe(false);
  });

  test('an unreadable file holds its last good objects', async () => {
    write('a.yaml', container('a'));
    await look();
    chmodSync(join(directory, 'a.yaml'), 0);
    chmodSync(root, 0o755);
    const reading = await asNobody(() => look());
    expect(held(reading)).toEqual(['Container/default/a']);
    expect(reading.diagnostics[0]?.message).toBe('cannot be read (EACCES)');
  });

  test('byte order mark and Windows line endings are accepted', async () => {
    write('a.yaml', `\uFEFF${container('a').replaceAll('\n', '\r\n')}`);
    const reading = await look();
    expect(states(reading)).toEqual({ 'a.yaml': 'ok' });
    expect(reading.snapshot.documents[0]?.origin).toMatchObject({ line: 4, column: 9 });
  });
});

test('the name of an Image object is found in whatever file declares it, now or later', async () => {
  const imageKey = async (): Promise<unknown> => (await look()).snapshot.documents.find(({ name }) => name === 'web')?.spec;
  write('a.yaml', 'apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web}\nspec: {image: base}\n');
  expect(await imageKey()).toMatchObject({ image: 'Image/_/docker.io/library/base:latest' });
  write('b.yaml', 'apiVersion: tsdock/v1\nkind: Image\nmetadata: {name: base}\nspec: {ref: "nginx:1"}\n');
  expect(await imageKey()).toMatchObject({ image: 'Image/default/base' });
  write('b.yaml', '[');
  expect(await imageKey()).toMatchObject({ image: 'Image/default/base' });
  rmSync(join(directory, 'b.yaml'));
  expect(await imageKey()).toMatchObject({ image: 'Image/_/docker.io/library/base:latest' });
});

test('below the first level only with recursive, and a link back up ends', async () => {
  mkdirSync(join(directory, 'sub'));
  writeFileSync(join(directory, 'sub', 'b.yaml'), container('b'));
  symlinkSync('..', join(directory, 'sub', 'up'));
  write('a.yaml', container('a'));
  expect(names(await look())).toEqual(['a']);
  expect(names(await look({ recursive: true }))).toEqual(['a', 'b']);
});

test('an unchanged file is not parsed again', async () => {
  write('a.yaml', container('a'));
  const first = await look();
  const second = await look();
  expect(second.snapshot.documents[0]).toBe(first.snapshot.documents[0]);
});
