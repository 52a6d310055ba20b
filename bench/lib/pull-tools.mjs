/**
 * The tools that pull side by side, each with state of its own below `directory`. A tool: `start` gives the pid of its daemon or null, `pull` the command that is measured, `check` the commands that prove
 * that the image runs (the first) and clean up after that. All of them run in the bench's network namespace.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function pullTools(bench) {
  return [tsdock(bench), podman(bench), containerd(bench), docker(bench)];
}

function tsdock({ directory, runDirectory, cli, begin }) {
  const own = join(directory, 'tsdock');
  mkdirSync(own);
  const env = { TSDOCK_STATE_DIR: join(own, 'state'), TSDOCK_RUN_DIR: runDirectory, TSDOCK_CONFIG: join(own, 'config.yaml') };
  writeFileSync(
    env.TSDOCK_CONFIG,
    `apiVersion: tsdock/v1\nkind: EngineConfig\nmetadata: {name: engine}\nspec: {prefix: b${process.pid % 100000}}\n`,
  );
  const file = join(own, 'check.yaml');
  return {
    name: 'tsdock',
    formats: ['gzip', 'zstd'],
    version: [cli, ['version']],
    env,
    start: () => begin(cli, ['daemon'], env, (text) => /\bready\b/.test(text)),
    pull: (ref) => [cli, ['image', 'pull', ref]],
    check: (ref) => {
      writeFileSync(
        file,
        `apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: check}\nspec: {image: "${ref}", command: [sleep, "600"]}\n`,
      );
      return [
        [cli, ['apply', '-f', file]],
        [cli, ['delete', '-f', file]],
      ];
    },
  };
}

function podman({ directory }) {
  const own = join(directory, 'podman');
  mkdirSync(own);
  const all = [
    '--root',
    join(own, 'root'),
    '--runroot',
    join(own, 'run'),
    '--tmpdir',
    join(own, 'tmp'),
    '--storage-driver',
    'overlay',
    '--runtime',
    'runc',
  ];
  // cgroupfs: there may be no systemd; runc: crun refuses some layouts of cgroup v1.
  const args = [...all, '--cgroup-manager', 'cgroupfs', '--events-backend', 'none'];
  return {
    name: 'podman',
    formats: ['gzip', 'zstd'],
    version: ['podman', ['--version']],
    env: {},
    start: () => null,
    pull: (ref) => ['podman', [...args, 'pull', '--quiet', '--tls-verify=false', ref]],
    check: (ref) => [
      ['podman', [...args, 'run', '--rm', '--network', 'none', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024', ref, 'true']],
    ],
  };
}

function containerd({ directory, begin }) {
  const own = join(directory, 'containerd');
  mkdirSync(own);
  const socket = join(own, 'socket');
  const config = join(own, 'config.toml');
  const lines = [
    'version = 2',
    `root = "${join(own, 'root')}"`,
    `state = "${join(own, 'state')}"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    `[grpc]\naddress = "${socket}"`,
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const ctr = (...args) => ['ctr', ['--address', socket, ...args]];
  return {
    name: 'containerd (ctr)',
    formats: ['gzip', 'zstd'],
    version: ['containerd', ['--version']],
    env: {},
    start: () => begin('containerd', ['--config', config], {}, (text) => /containerd successfully booted/.test(text)),
    pull: (ref) => ctr('images', 'pull', '--plain-http', ref),
    check: (ref) => [ctr('run', '--rm', ref, 'check', 'true')],
  };
}

function docker({ directory, begin }) {
  const own = join(directory, 'docker');
  mkdirSync(own);
  const socket = `unix://${join(own, 'socket')}`;
  const places = ['--data-root', join(own, 'data'), '--exec-root', join(own, 'exec'), '--pidfile', join(own, 'pid'), '-H', socket];
  const args = [...places, '--bridge', 'none', '--iptables=false', '--ip6tables=false', '--storage-driver', 'overlay2'];
  return {
    name: 'docker',
    formats: ['gzip'], // 20.10 knows no zstd
    version: ['dockerd', ['--version']],
    env: {},
    start: () => begin('dockerd', args, {}, (text) => /API listen on/.test(text)),
    pull: (ref) => ['docker', ['-H', socket, 'pull', '--quiet', ref]],
    check: (ref) => [['docker', ['-H', socket, 'run', '--rm', '--network', 'none', ref, 'true']]],
  };
}
