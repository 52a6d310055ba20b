import { describe, expect, test } from 'vitest';
import { createNeeds } from '../../../src/controllers/container/needs.ts';
import { macOf, processSpec, vethName } from '../../../src/controllers/container/process-spec.ts';
import { TsdockError } from '../../../src/model/errors.ts';
import type { ImageConfig } from '../../../src/model/image-config.ts';
import type { ContainerCreateInput } from '../../../src/model/plan.ts';
import { type Resource, resourceKey } from '../../../src/model/resource.ts';
import type { ContainerSpec } from '../../../src/model/spec.ts';
import { container, containerSpec, observedImage, observedNetwork, record, usualFiles, view, webKey } from '../../support/samples.ts';

const host = { cpus: 2, capabilities: ['CHOWN', 'KILL', 'NET_ADMIN', 'SYS_ADMIN'] };
const places = { stateDir: '/state', runDir: '/run/ts', prefix: 'tsdock' };

function input(
  spec: Partial<ContainerSpec> = {},
  config: Partial<ImageConfig> = {},
  over: Partial<ContainerCreateInput> = {},
): ContainerCreateInput {
  const image = observedImage();
  const seen = [observedNetwork(), { ...image, config: { ...image.config, ...config } }];
  const plain: Resource<'Container'> = container({ ...spec, mounts: [] });
  const needs = createNeeds(plain, 1, view({ observed: seen, records: [record(webKey)] }));
  if (needs.is === 'missing') throw new Error(needs.reason.message);
  return { ...needs.input, instance: '0123456789ab', resource: container(spec), ...over };
}

const spec = (...args: Parameters<typeof input>) => processSpec(input(...args), {}, host, places);
const securityContext = (over: Partial<ContainerSpec['securityContext']>) => ({
  securityContext: { ...containerSpec().securityContext, ...over },
});

test('a plain container gives this plan', () => {
  const { identity, security, ...rest } = spec(
    { env: { LOG: 'debug' } },
    { env: ['LANG=C', 'LOG=info'], entrypoint: ['/entry'], cmd: ['serve'], workingDir: '/srv', user: 'app' },
  );
  expect(JSON.parse(identity)).toMatchObject({
    uid: 'u1',
    set: 'cli:shop',
    key: webKey,
    slot: 1,
    image: { ref: 'registry.test/web:1', configDigest: observedImage().configDigest, stopSignal: null },
    address: '10.88.0.2',
    uses: ['Image/_/registry.test/web:1', 'Network/shop/front'],
    claims: ['address:Network/shop/front:10.88.0.2'],
    stopSignal: 'SIGTERM',
    graceMs: 10_000,
  });
  expect(rest).toMatchInlineSnapshot(`
    {
      "domainname": null,
      "hostname": "web-1",
      "id": "0123456789ab",
      "init": true,
      "limits": {
        "cpuMillis": null,
        "memoryBytes": null,
        "pids": 4096,
        "swapBytes": null,
      },
      "log": {
        "directory": "/state/logs/0123456789ab",
        "maxBytes": 10485760,
        "maxFiles": 5,
      },
      "mounts": [
        {
          "create": false,
          "readOnly": true,
          "source": "/run/ts/files/instances/0123456789ab/hosts",
          "target": "/etc/hosts",
          "type": "bind",
        },
        {
          "create": false,
          "readOnly": true,
          "source": "/run/ts/files/instances/0123456789ab/resolv.conf",
          "target": "/etc/resolv.conf",
          "type": "bind",
        },
        {
          "create": false,
          "readOnly": true,
          "source": "/run/ts/files/instances/0123456789ab/hostname",
          "target": "/etc/hostname",
          "type": "bind",
        },
      ],
      "network": {
        "interfaces": [
          {
            "addresses": [
              "10.88.0.2/24",
            ],
            "alias": "tsdock:Container/shop/web:1@0123456789ab ts-front",
            "bridge": "ts-front",
            "gateway": "10.88.0.1",
            "hostName": "tsdock012345678",
            "mac": "02:74:0a:58:00:02",
            "mtu": 1500,
            "name": "eth0",
          },
        ],
        "mode": "bridge",
      },
      "oomScoreAdj": 0,
      "process": {
        "argv": [
          "/entry",
          "serve",
        ],
        "cwd": "/srv",
        "env": [
          "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "LANG=C",
          "LOG=debug",
          "HOSTNAME=web-1",
        ],
        "groups": [],
        "stdin": false,
        "terminal": false,
        "user": "app",
      },
      "restart": {
        "initialMs": 500,
        "maxMs": 60000,
        "maxRestarts": null,
        "policy": "Always",
        "resetMs": 600000,
      },
      "rlimits": [],
      "rootfs": {
        "layers": [
          "/state/skeleton",
          "/state/layers/one",
        ],
        "readOnly": false,
        "upper": "/state/upper/0123456789ab",
      },
      "shmBytes": 67108864,
      "stop": {
        "graceMs": 10000,
        "signal": 15,
      },
      "sysctls": [],
    }
  `);
  expect({ ...security, maskedPaths: security.maskedPaths.length }).toMatchInlineSnapshot(`
    {
      "capabilities": [
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
      ],
      "maskedPaths": 14,
      "noNewPrivileges": false,
      "privileged": false,
      "readonlyPaths": [
        "/proc/bus",
        "/proc/fs",
        "/proc/irq",
        "/proc/sys",
        "/proc/sysrq-trigger",
      ],
      "seccomp": "default",
    }
  `);
});

describe('the command', () => {
  const config = { entrypoint: ['/entry', '-x'], cmd: ['serve'] };
  test.each([
    [{}, ['/entry', '-x', 'serve']],
    [{ args: ['check'] }, ['/entry', '-x', 'check']],
    [{ args: [] }, ['/entry', '-x']],
    [{ command: ['/other'] }, ['/other']],
    [{ command: ['/other'], args: ['a b'] }, ['/other', 'a b']],
  ])('%o gives %o', (fields, argv) => expect(spec(fields, config).process.argv).toEqual(argv));

  test('is missing in both: RUN127', () => {
    expect(() => spec({}, { cmd: [] })).toThrow(expect.objectContaining({ code: 'RUN127' }));
  });
});

describe('the environment', () => {
  test('has defaults below the image below the manifest', () => {
    expect(spec({ env: { B: '3', PATH: '/bin' } }, { env: ['A=1', 'B=2'] }).process.env).toEqual([
      'PATH=/bin',
      'A=1',
      'B=3',
      'HOSTNAME=web-1',
    ]);
  });

  test('leaves out malformed lines of an image', () => {
    expect(spec({}, { env: ['NOEQUALS', '=x', 'A=1\0B=2', 'E='] }).process.env).toEqual([
      expect.stringMatching(/^PATH=/),
      'E=',
      'HOSTNAME=web-1',
    ]);
  });

  test('names the terminal of a container that has one', () => {
    expect(spec({ tty: true }).process.env).toContain('TERM=xterm');
  });
});

describe('the user', () => {
  test.each([
    [{}, '', '0'],
    [{}, 'app:web', 'app:web'],
    [{ user: '5:6' }, 'app', '5:6'],
    [securityContext({ runAsUser: 7 }), 'app:web', '7'],
    [securityContext({ runAsUser: 7, runAsGroup: 8 }), '', '7:8'],
    [securityContext({ runAsGroup: 8 }), 'app:web', 'app:8'],
    [{ user: '1000', ...securityContext({ runAsNonRoot: true }) }, '', '1000'],
  ])('%o over image user %o is %o', (fields, user, expected) => expect(spec(fields, { user }).process.user).toBe(expected));

  test.each(['', '0', '00', 'root', 'app', '0:5'])('%o is refused with runAsNonRoot', (user) => {
    expect(() => spec(securityContext({ runAsNonRoot: true }), { user })).toThrow(TsdockError);
  });
});

describe('rights', () => {
  test('baseline is the eleven, plus and minus what the manifest says', () => {
    expect(spec().security.capabilities).toHaveLength(11);
    const { capabilities } = spec(securityContext({ capabilities: { add: ['CAP_NET_RAW', 'sys_time'], drop: ['KILL'] } })).security;
    expect(capabilities).toContain('NET_RAW');
    expect(capabilities).toContain('SYS_TIME');
    expect(capabilities).not.toContain('KILL');
  });

  test('dropping ALL leaves what is added by name', () => {
    expect(spec(securityContext({ capabilities: { add: ['CHOWN'], drop: ['ALL'] } })).security.capabilities).toEqual(['CHOWN']);
  });

  test('adding ALL and privileged mean what the engine itself has', () => {
    const all = spec(securityContext({ capabilities: { add: ['ALL'], drop: ['SYS_ADMIN'] } })).security.capabilities;
    expect(all).toContain('NET_ADMIN');
    expect(all).not.toContain('SYS_ADMIN');
    expect(spec({ security: 'privileged' }).security).toEqual({
      capabilities: host.capabilities,
      noNewPrivileges: false,
      seccomp: 'unconfined',
      maskedPaths: [],
      readonlyPaths: [],
      privileged: true,
    });
  });
});

describe('mounts', () => {
  const data = resourceKey('Volume', 'shop', 'data');
  const site = resourceKey('Config', 'shop', 'site');
  const sources = { volumes: { [data]: '/v/data' }, contents: { [site]: { path: '/c/hash', contentHash: 'sha256:1' } } };
  const mounts = [
    { type: 'config', config: site, target: '/etc/site.conf', subPath: 'site.conf', readOnly: true, files: usualFiles },
    { type: 'hostPath', source: '/srv', target: '/srv', readOnly: false, create: true },
    { type: 'tmpfs', target: '/tmp', sizeBytes: 1024, mode: 0o1777, readOnly: false },
    { type: 'volume', volume: data, target: '/data', subPath: null, readOnly: true },
    { type: 'volume', volume: data, target: '/sub', subPath: '../../etc', readOnly: false },
  ] as const;

  test('are binds of what the plan found, and a sub path never leaves its directory', () => {
    const { mounts: found } = processSpec(input({ mounts }, {}, sources), {}, host, places);
    expect(found.slice(3)).toEqual([
      { type: 'bind', source: '/c/hash/site.conf', target: '/etc/site.conf', readOnly: true, create: false },
      { type: 'bind', source: '/srv', target: '/srv', readOnly: false, create: true },
      mounts[2],
      { type: 'bind', source: '/v/data', target: '/data', readOnly: true, create: false },
      { type: 'bind', source: '/v/data/etc', target: '/sub', readOnly: false, create: false },
    ]);
  });

  test("of the manifest take the place of the engine's own files", () => {
    const own = { type: 'hostPath', source: '/my/hosts', target: '/etc/hosts', readOnly: true, create: false } as const;
    const targets = spec({ mounts: [own] }).mounts.map((mount) => mount.target);
    expect(targets).toEqual(['/etc/resolv.conf', '/etc/hostname', '/etc/hosts']);
  });
});

describe('network', () => {
  test('of the host brings its files and no interface', () => {
    const found = spec({ networkMode: 'host', networks: [] });
    expect(found.network).toEqual({ mode: 'host' });
    expect(found.mounts.map((mount) => (mount.type === 'bind' ? mount.source : ''))).toEqual([
      '/etc/hosts',
      '/etc/resolv.conf',
      '/run/ts/files/instances/0123456789ab/hostname',
    ]);
  });

  test('none has a names file of its own', () => {
    const found = spec({ networkMode: 'none', networks: [] });
    expect(found.network).toEqual({ mode: 'none' });
    expect(found.mounts.map((mount) => mount.target)).toEqual(['/etc/hosts', '/etc/hostname']);
  });

  test('names and addresses of interfaces fit what the kernel takes', () => {
    expect(vethName('tsdock', '0123456789ab', 0)).toBe('tsdock012345678');
    expect(vethName('tsdock', '0123456789ab', 1)).toBe('tsdock0123456_1');
    expect(vethName('t', '0123456789ab', 0)).toBe('t0123456789ab');
    expect(macOf('10.88.0.2')).toBe('02:74:0a:58:00:02');
  });
});

test('an image whose stop signal no kernel knows is stopped by SIGTERM', () => {
  expect(spec({}, { stopSignal: 'SIGFOO' }).stop.signal).toBe(15);
  expect(spec({}, { stopSignal: 'SIGQUIT' }).stop.signal).toBe(3);
  expect(spec({ stopSignal: 'SIGINT' }, { stopSignal: 'SIGQUIT' }).stop.signal).toBe(2);
});

test('a working directory is absolute and without dots', () => {
  expect(spec({}, { workingDir: 'app/../srv' }).process.cwd).toBe('/srv');
  expect(spec({}, { workingDir: '../../etc' }).process.cwd).toBe('/etc');
  expect(spec({ workingDir: '/w' }, { workingDir: '/app' }).process.cwd).toBe('/w');
});
