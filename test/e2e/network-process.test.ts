import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import type { TestHost } from '../support/host.ts';
import { busyboxLayout, startRegistry } from '../support/images.ts';
import { engineProcesses } from '../support/residue.ts';

interface Instances {
  readonly items: readonly { readonly name: string; readonly pid: number; readonly ports: readonly { readonly hostPort: number }[] }[];
}

/** Listens on a port of the host until it is killed; prints whether it could. */
const listen = `
  const server = require('node:net').createServer();
  server.once('error', (error) => { console.log(error.code); });
  server.listen(Number(process.argv[1]), '0.0.0.0', () => console.log('listening'));
`;

/** Opens a connection, sends half a request, and the other half when it is told to; prints what comes back. */
const askInHalves = `
  const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1');
  socket.once('connect', () => { socket.write('GET / HTTP/1.0\\r\\n'); console.log('connected'); });
  socket.on('data', (data) => process.stdout.write(data));
  process.on('SIGUSR2', () => socket.write('\\r\\n'));
`;

const web = (image: string, port: number, text = 'x') => `
apiVersion: tsdock/v1
kind: Container
metadata: {name: web}
spec:
  image: ${image}
  env: {TEXT: ${text}}
  ports: ["${port}:80"]
  terminationGracePeriodSeconds: 0
`;

/** Pid of the network process of a host's engine. */
function networkProcess(host: TestHost): number {
  const found = engineProcesses(host.runDir).find(({ pid }) => nameOf(pid) === 'tsdock-net');
  if (found === undefined) throw new Error('there is no network process');
  return found.pid;
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return ''; // it has ended since
  }
}

/** What a program of the host sees that tries to listen on a port: `listening` or an error code. */
function tryListening(host: TestHost, port: number): string {
  const program = `${listen} setTimeout(() => process.exit(), 200);`;
  return host.inNetwork(process.execPath, ['-e', program, `${port}`]).trim();
}

onHost('a port that another program has is named before anything of an apply is stopped', async (host) => {
  const registry = await startRegistry(host);
  const image = registry.push(busyboxLayout(), 'busybox', '1');
  await host.ok(['apply', '-f', host.write('web.yaml', web(image, 8080))]);
  const before = (await host.json<Instances>(['ps'])).items;

  const rival = host.spawn(process.execPath, ['-e', listen, '8090']);
  await new Promise((resolve) => rival.stdout?.once('data', resolve));
  const refused = await host.tsdock(['apply', '-f', host.write('web.yaml', web(image, 8090, 'changed'))]);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(/error\[PRT010\]: .*0\.0\.0\.0:8090 is in use by node \(pid \d+\)/);
  expect((await host.json<Instances>(['ps'])).items, 'the same process, the same port').toEqual(before);
  expect(host.fetch('http://127.0.0.1:8080/')).toBe('busybox 1\n');

  rival.kill('SIGKILL');
  await host.ok(['apply', '-f', host.write('web.yaml', web(image, 8090, 'changed'))]);
  expect(host.fetch('http://127.0.0.1:8090/')).toBe('busybox 1\n');
  expect(tryListening(host, 8080), 'the port that was given up').toBe('listening');
  await host.ok(['delete', '-f', host.write('web.yaml', web(image, 8090, 'changed'))]);
});

onHost(
  'without a daemon a published port stays reserved and the table comes back, also after the network process was killed',
  async (host) => {
    const registry = await startRegistry(host);
    const file = host.write('web.yaml', web(registry.push(busyboxLayout(), 'busybox', '1'), 8080));
    const daemon = await host.daemon();
    await host.ok(['apply', '-f', file]);
    daemon.kill('SIGKILL');
    await eventually(() => expect(daemon.signalCode).toBe('SIGKILL'));

    for (let round = 0; round < 3; round++) {
      expect(tryListening(host, 8080)).toBe('EADDRINUSE');
      const connection = host.spawn(process.execPath, ['-e', askInHalves, '8080']);
      let answer = '';
      connection.stdout?.on('data', (data: Buffer) => {
        answer += data.toString();
      });
      await eventually(() => expect(answer).toBe('connected\n'));
      host.inNetwork('nft', ['flush', 'ruleset']);
      await eventually(() => expect(host.fetch('http://127.0.0.1:8080/')).toBe('busybox 1\n'), 2000);
      const pid = networkProcess(host);
      process.kill(pid, 'SIGKILL');
      expect(host.fetch('http://127.0.0.1:8080/'), 'while nobody is there').toBe('busybox 1\n');
      await eventually(() => expect(networkProcess(host)).not.toBe(pid));
      connection.kill('SIGUSR2');
      await eventually(() => expect(answer, 'a connection from before').toContain('busybox 1\n'));
      connection.kill('SIGKILL');
    }
    await eventually(() => expect(tryListening(host, 8080)).toBe('EADDRINUSE'));
    await host.ok(['delete', '-f', file]);
    await eventually(() => expect(engineProcesses(host.runDir)).toEqual([]));
    expect(tryListening(host, 8080)).toBe('listening');
  },
);
