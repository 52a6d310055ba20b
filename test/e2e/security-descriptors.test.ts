/** S01 and S02 of reliability.md on the real runtime: our program and our descriptors are out of a container's reach. */
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InstanceSpec, type Native, NativeError } from '../../src/native/index.ts';
import { execSpec, type Ground, inPhase, logText, makeGround, outputOf, text, zygotes } from './native-support.ts';

const artefacts = ['tsdock-rt', 'tsdock.node'].map((name) => fileURLToPath(new URL(`../../build/${name}`, import.meta.url)));

describe('own program and descriptors', () => {
  let ground: Ground;
  let native: Native;
  const digests = () => artefacts.map((path) => createHash('sha256').update(readFileSync(path)).digest('hex'));
  let before: readonly string[];
  beforeAll(async () => {
    ground = makeGround();
    native = await ground.open();
    before = digests();
  });
  afterAll(async () => {
    await ground.clear();
    expect(digests()).toEqual(before);
  });

  async function running(command: string): Promise<InstanceSpec> {
    const spec = ground.spec(command);
    await native.containers.create(spec, { start: true });
    return spec;
  }

  async function execOutput(spec: InstanceSpec, command: string): Promise<string> {
    const handle = await native.containers.exec(spec.id, execSpec(command));
    const [output] = await Promise.all([text(handle.stdout), text(handle.stderr), handle.wait()]);
    return output;
  }

  test('an entrypoint that names /proc/self/exe as its interpreter must get a sealed copy that does nothing', async () => {
    const path = join(ground.layer, 'bin/evil');
    writeFileSync(path, '#!/proc/self/exe\n');
    chmodSync(path, 0o755);
    const spec = ground.spec('', (draft) => {
      draft.process.argv = ['/bin/evil'];
    });
    await native.containers.create(spec, { start: true });
    const status = await inPhase(native, spec.id, 'exited');
    expect(status.exit?.code).toBe(64);
    for (const pid of zygotes(ground.runDir)) expect(readlinkSync(`/proc/${pid}/exe`)).toMatch(/memfd:/);
  });

  test('a container that opens every /proc/<pid>/exe for writing must reach none during execs', async () => {
    const spec = await running('while :; do for p in /proc/[0-9]*; do { true >> $p/exe; } 2>/dev/null && echo "opened $p"; done; done');
    for (let round = 0; round < 20; round += 1) expect(await execOutput(spec, 'echo through')).toBe('through\n');
    await native.containers.stop(spec.id, { signal: 9, graceMs: 100, by: 'engine' });
    expect(logText(spec)).not.toContain('opened');
  });

  test('a container process must have three descriptors, at start and in an exec', async () => {
    const spec = await running('ls /proc/1/fd; exec sleep 1000');
    expect((await execOutput(spec, 'ls /proc/$$/fd; ls /proc/1/fd')).split(/\s+/)).toEqual(['0', '1', '2', '0', '1', '2', '']);
    await native.containers.stop(spec.id, { signal: 9, graceMs: 100, by: 'engine' });
    expect(logText(spec)).toBe('0\n1\n2\n');
  });

  test('no descriptor of ours must be usable as the working directory', async () => {
    const spec = await running('exec sleep 1000');
    for (let number = 3; number < 64; number += 1) {
      const cwd = `/proc/self/fd/${number}`;
      const started = ground.spec('pwd', (draft) => {
        draft.process.cwd = cwd;
      });
      await expect(native.containers.create(started, { start: true }), cwd).rejects.toThrow(NativeError);
      await native.containers.remove(started.id, { logs: true });
      await expect(native.containers.exec(spec.id, execSpec('pwd', { cwd })), cwd).rejects.toThrow(NativeError);
    }
  });

  test('a working directory with dots or of symlinks must stay inside the root', async () => {
    const seen = async (cwd: string) =>
      outputOf(
        native,
        ground.spec('pwd -P', (draft) => {
          draft.process.cwd = cwd;
        }),
      );
    expect(await seen('/tmp/../../../..')).toBe('/\n');
    expect(await seen('/proc/self/../../tmp')).toBe('/tmp\n');
    expect(await seen('/made/by/us')).toBe('/made/by/us\n');
  });
});
