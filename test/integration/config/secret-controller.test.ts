import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createMemory } from '../../../src/controllers/config/memory.ts';
import { createSecretController } from '../../../src/controllers/config/secret-controller.ts';
import { silentLogger } from '../../../src/model/log.ts';
import type { Action, ActionInputs } from '../../../src/model/plan.ts';
import { resourceKey } from '../../../src/model/resource.ts';
import { identity } from '../../support/samples.ts';
import { scratch } from '../../support/scratch.ts';

const key = resourceKey('Secret', 'shop', 'db');
const hex = 'c'.repeat(64);

/** A directory in memory that is gone after the test. */
function inMemory(): string {
  const path = mkdtempSync('/dev/shm/tsdock-test-');
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function setup() {
  const stateDir = scratch();
  const shared = inMemory();
  const memory = createMemory({ runDir: scratch(), prefix: 'ts', shared });
  const controller = createSecretController({
    native: { containers: { list: () => Promise.resolve([]) } },
    stateDir,
    memory,
    sealer: { open: ({ sealed }) => Promise.resolve(Buffer.from(sealed.box)) },
  });
  const act = (input: ActionInputs['Secret']) => {
    const action: Action<'Secret'> = {
      id: `${key}#${input.verb}`,
      kind: 'Secret',
      subject: key,
      verb: input.verb,
      phase: 'up',
      input,
      reason: { code: 'Created', message: '', paths: [] },
      after: [],
      acquires: [],
      releases: [],
    };
    return controller.run(action, { signal: new AbortController().signal, log: silentLogger, progress: () => undefined });
  };
  const write = (generated: readonly string[] = []) =>
    act({
      verb: 'write',
      values: { password: { owner: key, key: 'password', sealed: { form: 'sealed', hash: 'hmac:1', box: 'hunter2' } } },
      generated,
      contentHash: `sha256:${hex}`,
      identity,
    });
  return { stateDir, shared, memory, controller, act, write };
}

test('clear values lie in memory, for root alone', async () => {
  const { controller, write, memory } = setup();
  expect(await controller.observe()).toEqual([]);
  await write();
  const root = (await memory('leave')) ?? '';
  const path = join(root, 'objects/shop/db', hex);
  expect(await controller.observe()).toEqual([{ kind: 'Secret', key, identity, uses: [], claims: [], contentHash: `sha256:${hex}`, path }]);
  expect(readFileSync(join(path, 'password'), 'utf8')).toBe('hunter2');
  expect(statSync(join(path, 'password')).mode & 0o777).toBe(0o400);
  expect(statSync(root).mode & 0o777).toBe(0o700);
});

test('what is generated is kept beside the store, sealed, until the Secret goes', async () => {
  const { stateDir, write, act, shared } = setup();
  await write(['password']);
  const file = join(stateDir, 'secrets/shop/db.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ key, values: { password: { form: 'sealed', hash: 'hmac:1', box: 'hunter2' } } });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await act({ verb: 'remove' });
  await act({ verb: 'remove' });
  expect(existsSync(join(stateDir, 'secrets/shop'))).toBe(false);
  expect(readdirSync(shared)).toEqual([]);
});

test('a secret is never written where there is only a disk', async () => {
  const runDir = scratch();
  await expect(createMemory({ runDir, prefix: 'ts', shared: scratch() })('make')).rejects.toMatchObject({ code: 'SEC010' });
  expect(readdirSync(runDir)).toEqual([]);
});

test('a run directory in memory holds them itself', async () => {
  const runDir = inMemory();
  mkdirSync(join(runDir, 'files'));
  expect(await createMemory({ runDir, prefix: 'ts', shared: scratch() })('make')).toBe(join(runDir, 'files/secrets'));
});

test('a directory that lets others in is closed again', async () => {
  const { memory } = setup();
  const path = (await memory('make')) ?? '';
  chmodSync(path, 0o755);
  await memory('make');
  expect(statSync(path).mode & 0o777).toBe(0o700);
});
