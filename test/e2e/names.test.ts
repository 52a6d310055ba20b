import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { askDns, type Question, upstreamServer } from '../support/dns.ts';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import type { TestHost } from '../support/host.ts';
import { busyboxLayout, startRegistry } from '../support/images.ts';
import { engineProcesses } from '../support/residue.ts';

const gateway = '10.88.50.1';
const [NOERROR, SERVFAIL, NXDOMAIN, REFUSED] = [0, 2, 3, 5];

const networks = `
apiVersion: tsdock/v1
kind: Network
metadata: {name: front}
spec: {subnet: 10.88.50.0/24, dns: {forwarders: [10.88.51.99, 10.88.51.53], domain: corp.test}}
---
apiVersion: tsdock/v1
kind: Network
metadata: {name: back}
spec: {subnet: 10.88.51.0/24}
`;

const container = (image: string, name: string, rest: string, metadata = '') => `
---
apiVersion: tsdock/v1
kind: Container
metadata: {name: ${name}${metadata}}
spec:
  image: ${image}
  terminationGracePeriodSeconds: 0
  ${rest.trim().replaceAll('\n', '\n  ')}
`;

const sleep = 'command: [sleep, "1000"]';

const replicaSet = (image: string, replicas: number) =>
  container(image, 'web', `replicas: ${replicas}\nnetworks: {front: {aliases: [www]}}`);

function manifests(image: string, replicas = 2): string {
  return [
    networks,
    replicaSet(image, replicas),
    container(image, 'web', 'networks: [default/front]', ', namespace: blog'),
    container(image, 'client', `networks: [front]\n${sleep}`),
    container(image, 'stranger', `networks: [back]\n${sleep}`),
    container(image, 'upstream', `networks: {back: {ipv4: 10.88.51.53}}\n${sleep}`),
  ].join('');
}

interface Instances {
  readonly items: readonly { readonly name: string; readonly namespace: string; readonly pid: number; readonly address: string }[];
}

async function instances(host: TestHost) {
  const { items } = await host.json<Instances>(['ps', '-A']);
  return (name: string, namespace = 'default') => {
    const found = items.find((item) => item.name === name && item.namespace === namespace);
    if (found === undefined) throw new Error(`${namespace}/${name} is not there`);
    return found;
  };
}

function networkProcess(host: TestHost): number {
  const found = engineProcesses(host.runDir).find(({ pid }) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'tsdock-net');
  if (found === undefined) throw new Error('there is no network process');
  return found.pid;
}

async function startUpstream(host: TestHost, pid: number): Promise<() => void> {
  const server = host.spawn('nsenter', [`--net=/proc/${pid}/ns/net`, process.execPath, '-e', upstreamServer, '10.88.51.53']);
  await new Promise((resolve) => server.stdout?.once('data', resolve));
  return () => server.kill('SIGKILL');
}

onHost('members find each other by every name, and nobody else does', async (host) => {
  const registry = await startRegistry(host);
  const file = host.write('names.yaml', manifests(registry.push(busyboxLayout(), 'busybox', '1')));
  await host.ok(['apply', '-f', file]);
  const of = await instances(host);
  const client = of('client-1').pid;
  const replicas = [of('web-1').address, of('web-2').address].sort();
  const blog = of('web-1', 'blog');
  const ask = (name: string, over: Partial<Question> = {}) => askDns(host, { pid: client, server: gateway, name, ...over });
  const known = (answers: readonly string[]) => ({ rcode: NOERROR, truncated: false, authority: 0, answers });

  await eventually(() => {
    for (const name of ['web', 'WEB.default', 'www', 'web.corp.test'])
      expect([...(ask(name)?.answers ?? [])].sort(), name).toEqual(replicas);
  }, 2000);
  expect(ask('web-2')).toEqual(known([of('web-2').address]));
  expect(ask('web.blog')).toEqual(known([blog.address]));
  expect(ask('web', { pid: blog.pid }), 'its own namespace first').toEqual(known([blog.address]));
  expect(ask('web.blog', { transport: 'tcp' })).toEqual(known([blog.address]));
  expect(ask('web.blog', { pid: undefined }), 'the host').toEqual(known([blog.address]));
  const first = new Set(Array.from({ length: 4 }, () => ask('web')?.answers[0]));
  expect([...first].sort(), 'they take turns').toEqual(replicas);

  const reverse = `${blog.address.split('.').reverse().join('.')}.in-addr.arpa`;
  expect(ask(reverse, { kind: 'PTR' })).toEqual(known(['web-1.blog']));
  expect(ask('web', { kind: 'AAAA' })).toEqual({ ...known([]), authority: 1 });
  expect(ask('nobody.default')).toEqual({ ...known([]), rcode: NXDOMAIN, authority: 1 });

  const stranger = of('stranger-1').pid;
  expect(ask('web', { pid: stranger, server: '10.88.51.1' })?.answers ?? [], 'another network').toEqual([]);
  expect(ask('web', { pid: stranger }), "another network's server").toBeNull();

  const wget = async (from: string, name: string) =>
    (await host.ok(['exec', from, '--', 'wget', '-q', '-O', '-', `http://${name}/`])).stdout;
  for (const name of ['web', 'www', 'web.blog']) expect(await wget('client', name)).toBe('busybox 1\n');
  expect((await host.ok(['exec', 'client', '--', 'cat', '/etc/resolv.conf'])).stdout).toMatch(
    /^nameserver 10\.88\.50\.1\nsearch default\b/,
  );
  await host.ok(['delete', '-f', file]);
});

onHost('names stay right without a daemon, when the network process is killed, and when containers come and go', async (host) => {
  const registry = await startRegistry(host);
  const image = registry.push(busyboxLayout(), 'busybox', '1');
  const file = host.write('names.yaml', manifests(image));
  const daemon = await host.daemon();
  await host.ok(['apply', '-f', file]);
  const of = await instances(host);
  const ask = (name: string, over: Partial<Question> = {}) => askDns(host, { pid: of('client-1').pid, server: gateway, name, ...over });
  const addressesOf = (name: string) => [...(ask(name)?.answers ?? [])].sort();
  const replicas = [of('web-1').address, of('web-2').address].sort();
  await eventually(() => expect(addressesOf('web')).toEqual(replicas), 2000);

  daemon.kill('SIGKILL');
  await eventually(() => expect(daemon.signalCode).toBe('SIGKILL'));
  expect(addressesOf('web'), 'without a daemon').toEqual(replicas);
  const before = networkProcess(host);
  process.kill(before, 'SIGKILL');
  await eventually(() => expect(networkProcess(host)).not.toBe(before));
  expect(addressesOf('web'), 'from a successor').toEqual(replicas);

  await host.ok(['apply', '-f', host.write('names.yaml', manifests(image, 1))]);
  await eventually(() => expect(addressesOf('web')).toEqual([of('web-1').address]), 2000);
  expect(ask('web-2.default')?.rcode).toBe(NXDOMAIN);
  await host.ok(['apply', '-f', host.write('names.yaml', manifests(image, 1).replace('aliases: [www]', 'aliases: [shop]'))]);
  await eventually(() => expect(addressesOf('shop')).toEqual([of('web-1').address]), 2000);
  await host.ok(['delete', 'container/web', '--force']);
  await eventually(() => expect(ask('web.default')?.rcode).toBe(NXDOMAIN), 2000);
  const rest = manifests(image).replace(replicaSet(image, 2), '');
  await host.ok(['delete', '-f', host.write('names.yaml', rest)]);
});

onHost('other names are asked of the servers of the network, of the next one where one is silent, and never in a circle', async (host) => {
  const registry = await startRegistry(host);
  const image = registry.push(busyboxLayout(), 'busybox', '1');
  const file = host.write('names.yaml', manifests(image));
  await host.ok(['apply', '-f', file]);
  const of = await instances(host);
  const ask = (name: string, over: Partial<Question> = {}) => askDns(host, { pid: of('client-1').pid, server: gateway, name, ...over });
  const stop = await startUpstream(host, of('upstream-1').pid);

  expect(ask('example.com'), 'the first server is silent').toMatchObject({ rcode: NOERROR, answers: ['192.0.2.77'] });
  expect(ask('Example.ORG', { transport: 'tcp' })).toMatchObject({ rcode: NOERROR, answers: ['192.0.2.77'] });
  expect(ask('big.example')).toMatchObject({ rcode: NOERROR, truncated: true, answers: [] });
  expect(ask('big.example', { transport: 'tcp' })?.answers).toHaveLength(100);
  expect(ask('example.com', { pid: undefined })?.rcode, 'from the host, which might have been asked by us').toBe(REFUSED);

  stop();
  expect(ask('example.com')?.rcode, 'nobody answers').toBe(SERVFAIL);
  expect(ask('web')?.answers, 'own names do not need anybody').toHaveLength(2);
  await host.ok(['delete', '-f', file]);
});

onHost('hostAliases and dns of a container are changed under its running process', async (host) => {
  const registry = await startRegistry(host);
  const image = registry.push(busyboxLayout(), 'busybox', '1');
  const text = (rest: string) => networks + container(image, 'client', `networks: [front]\n${sleep}\n${rest}`);
  const file = host.write('names.yaml', text('hostAliases: {partner.test: 192.0.2.7}'));
  await host.ok(['apply', '-f', file]);
  const read = async (path: string) => (await host.ok(['exec', 'client', '--', 'cat', path])).stdout;
  const before = (await instances(host))('client-1');
  expect(await read('/etc/hosts')).toContain('192.0.2.7\tpartner.test\n');

  const changed = text('hostAliases: {partner.test: 192.0.2.8}\ndns: {searches: [a.test], options: ["ndots:2"], servers: [192.0.2.53]}');
  await host.ok(['apply', '-f', host.write('names.yaml', changed)]);
  expect(await read('/etc/hosts')).toContain('192.0.2.8\tpartner.test\n');
  expect(await read('/etc/hosts')).not.toContain('192.0.2.7');
  expect(await read('/etc/resolv.conf')).toBe('nameserver 10.88.50.1\nsearch default a.test\noptions ndots:2\n');
  expect((await instances(host))('client-1').pid, 'the same process').toBe(before.pid);
  await host.ok(['delete', '-f', file]);
});
