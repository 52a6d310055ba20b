import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import type { TestHost } from '../support/host.ts';
import { busyboxLayout, startRegistry } from '../support/images.ts';

interface Instances {
  readonly items: readonly { readonly name: string; readonly address: string; readonly pid: number }[];
}

/** A second machine on a link to the host: 192.0.2.2 outside, 192.0.2.1 the host (TEST-NET-1). */
class Outside {
  readonly name: string;
  constructor(host: TestHost) {
    this.name = `${host.name}-o`;
    execFileSync('ip', ['netns', 'add', this.name]);
    execFileSync('ip', ['-n', host.name, 'link', 'add', 'uplink', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.name]);
    execFileSync('ip', ['-n', host.name, 'addr', 'add', '192.0.2.1/24', 'dev', 'uplink']);
    execFileSync('ip', ['-n', host.name, 'link', 'set', 'uplink', 'up']);
    for (const args of [
      ['link', 'set', 'lo', 'up'],
      ['addr', 'add', '192.0.2.2/24', 'dev', 'eth0'],
      ['link', 'set', 'eth0', 'up'],
      ['route', 'add', 'default', 'via', '192.0.2.1'],
    ]) {
      execFileSync('ip', ['-n', this.name, ...args]);
    }
  }
  run(command: string, args: readonly string[], input = ''): string {
    return execFileSync('nsenter', [`--net=/run/netns/${this.name}`, command, ...args], { encoding: 'utf8', input, timeout: 10_000 });
  }
  /** Body of an HTTP answer; throws when there is none within two seconds. Debian's static busybox crashes on `wget -T`. */
  get(url: string): string {
    return this.run('/bin/busybox', ['timeout', '2', 'wget', '-q', '-O', '-', url]);
  }
  close(): void {
    execFileSync('ip', ['netns', 'delete', this.name]);
  }
}

/** Answers datagrams; run in a container's network namespace, because Debian's static busybox has no UDP server. */
const answerUdp = `
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', (question, from) => socket.send('pong', from.port, from.address));
  socket.bind(7000);
`;

/** Sends a datagram and prints what comes back within a second. */
const askUdp = `
  const [address, port] = process.argv.slice(1);
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', (answer) => { process.stdout.write(answer); socket.close(); });
  socket.send('ping', Number(port), address);
  setTimeout(() => process.exit(), 1000).unref();
`;

const manifests = (image: string) => `
apiVersion: tsdock/v1
kind: Network
metadata: {name: front}
spec: {subnet: 10.88.40.0/24}
---
apiVersion: tsdock/v1
kind: Network
metadata: {name: back}
spec: {subnet: 10.88.41.0/24}
---
apiVersion: tsdock/v1
kind: Container
metadata: {name: web}
spec:
  image: ${image}
  networks: [front]
  ports: ["8080:80", "127.0.0.1:8081:80"]
---
apiVersion: tsdock/v1
kind: Container
metadata: {name: client}
spec:
  image: ${image}
  networks: [front]
  command: [sleep, "1000"]
  terminationGracePeriodSeconds: 0
---
apiVersion: tsdock/v1
kind: Container
metadata: {name: stranger}
spec:
  image: ${image}
  networks: [back]
  command: [sleep, "1000"]
  terminationGracePeriodSeconds: 0
---
apiVersion: tsdock/v1
kind: Container
metadata: {name: echo}
spec:
  image: ${image}
  networks: [front]
  ports: ["7000:7000/udp"]
  command: [sleep, "1000"]
  terminationGracePeriodSeconds: 0
`;

onHost('published ports, names, isolation and masquerade work from outside, from the host and between containers', async (host) => {
  const outside = new Outside(host);
  try {
    const registry = await startRegistry(host);
    const file = host.write('net.yaml', manifests(registry.push(busyboxLayout(), 'busybox', '1')));
    await host.ok(['apply', '-f', file]);
    const { items } = await host.json<Instances>(['ps']);
    const address = (name: string) => items.find((item) => item.name === `${name}-1`)?.address ?? '';

    expect(host.fetch('http://127.0.0.1:8080/'), 'from the host by loopback').toBe('busybox 1\n');
    expect(host.fetch('http://192.0.2.1:8080/'), 'from the host by its address').toBe('busybox 1\n');
    expect(outside.get('http://192.0.2.1:8080/'), 'from outside').toBe('busybox 1\n');
    expect(host.fetch('http://127.0.0.1:8081/'), 'a port of loopback only').toBe('busybox 1\n');
    expect(() => outside.get('http://192.0.2.1:8081/'), 'a loopback port from outside').toThrow();
    expect(() => outside.get(`http://${address('web')}/`), 'a container address from outside').toThrow();

    const wget = (from: string, target: string) =>
      host.tsdock(['exec', from, '--', 'timeout', '2', 'wget', '-q', '-O', '-', `http://${target}/`]);
    expect((await wget('client', 'web')).stdout, 'by name').toBe('busybox 1\n');
    expect((await wget('client', address('web'))).stdout, 'by address').toBe('busybox 1\n');
    expect((await wget('client', '192.0.2.1:8080')).stdout, 'by the published port').toBe('busybox 1\n');
    expect((await wget('web', 'web')).stdout, 'its own name').toBe('busybox 1\n');
    expect((await wget('web', '192.0.2.1:8080')).stdout, 'its own published port').toBe('busybox 1\n');
    expect((await wget('stranger', address('web'))).code, 'from another network').not.toBe(0);

    const echoPid = items.find((item) => item.name === 'echo-1')?.pid;
    host.spawn('nsenter', [`--net=/proc/${echoPid}/ns/net`, process.execPath, '-e', answerUdp]);
    await eventually(() => {
      expect(outside.run(process.execPath, ['-e', askUdp, '192.0.2.1', '7000'])).toContain('pong');
    });

    outsideServer(outside, host);
    await eventually(async () => {
      const seen = await host.tsdock(['exec', 'client', '--', 'timeout', '2', 'wget', '-q', '-O', '-', 'http://192.0.2.2:8000/']);
      expect(seen.stdout, 'masqueraded behind the host').toContain('from outside');
    });
    await host.ok(['delete', '-f', file]);
  } finally {
    outside.close();
  }
});

/** A web server outside; ended with the host. It has no route back to container addresses but through the host, which must not be used: 10.88/14 is unreachable there. */
function outsideServer(outside: Outside, host: TestHost): void {
  outside.run('ip', ['route', 'replace', 'unreachable', '10.88.0.0/14']);
  host.write('outside/index.html', 'from outside\n');
  host.spawn('nsenter', [
    `--net=/run/netns/${outside.name}`,
    '/bin/busybox',
    'httpd',
    '-f',
    '-p',
    '8000',
    '-h',
    `${host.directory}/outside`,
  ]);
}
