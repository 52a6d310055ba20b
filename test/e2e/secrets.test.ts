import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { onHost } from '../support/e2e.ts';
import { packageRoot, type TestHost } from '../support/host.ts';
import { engineProcesses } from '../support/residue.ts';

const marker = 'C4naryOfASecret';
const image = `oci:${join(packageRoot, 'build', 'sample-image')}`;

const app = (value: string): string => `apiVersion: tsdock/v1
kind: Secret
metadata: {name: db}
spec: {stringData: {password: ${value}}}
---
apiVersion: tsdock/v1
kind: Container
metadata: {name: web}
spec:
  image: "${image}"
  init: false
  env: {PASSWORD: {secret: db, key: password}}
  envFrom: [{secret: db, prefix: ALL_}]
  mounts: [{secret: db, path: /run/db}]
`;

onHost('a secret is in its files and in the process it was asked for, and nowhere else', async (host) => {
  await host.daemon(['-v']);
  const file = host.write('manifests/app.yaml', app(marker));
  const said = [await host.ok(['diff', '-f', file], 2), await host.ok(['apply', '-f', file, '-v'])];
  const [pid] = await pids(host);
  expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).toContain(`\0PASSWORD=${marker}\0`);
  expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).toContain(`\0ALL_password=${marker}\0`);
  expect(readFileSync(`/proc/${pid}/root/run/db/password`, 'utf8')).toBe(marker);

  const changed = host.write('manifests/app.yaml', app(`${marker}Two`));
  const diff = await host.ok(['diff', '-f', changed], 2);
  expect(diff.stdout).toMatch(/env\.PASSWORD/);
  said.push(diff, await host.ok(['diff', '-f', changed, '-o', 'json'], 2), await host.ok(['apply', '-f', changed]));
  const [later] = await pids(host);
  expect(later).not.toBe(pid);
  expect(readFileSync(`/proc/${later}/environ`, 'latin1')).toContain(`\0PASSWORD=${marker}Two\0`);

  for (const args of [
    ['describe', 'container/web'],
    ['describe', 'secret/db'],
    ['get', 'secret', '-o', 'yaml'],
    ['get', 'container', '-o', 'json'],
    ['ps', '-o', 'json'],
    ['events', '-o', 'json'],
    ['logs', 'web'],
  ])
    said.push(await host.tsdock(args));
  expect(JSON.stringify(said)).not.toContain(marker);
  expect(filesWith(host.stateDir)).toEqual([]);
  // In memory, root's alone: the files that are mounted, and the plan a replaced supervisor starts from.
  const places = filesWith(host.runDir).map((path) => path.slice(host.runDir.length + 1).replace(/[0-9a-f]{12,}/, '*'));
  expect([...new Set(places)]).toEqual(['containers/*/plan', 'files/secrets/objects/default/db/*/password']);
  for (const path of filesWith(host.runDir)) expect(execFileSync('stat', ['-c', '%U', path], { encoding: 'utf8' }).trim()).toBe('root');
  for (const process of engineProcesses(host.runDir)) {
    for (const name of ['cmdline', 'environ'])
      expect(readFileSync(`/proc/${process.pid}/${name}`, 'latin1'), `${process.pid} ${name}`).not.toContain(marker);
  }
  await host.ok(['delete', '-f', changed]);
});

async function pids(host: TestHost): Promise<readonly (number | null)[]> {
  const { items } = await host.json<{ readonly items: readonly { readonly pid: number | null }[] }>(['ps']);
  return items.map(({ pid }) => pid);
}

function filesWith(directory: string): readonly string[] {
  const needles = [marker, Buffer.from(marker).toString('base64').replace(/=+$/, '').slice(0, -1)];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => needles.some((needle) => readFileSync(path, 'latin1').includes(needle)))
    .sort();
}
