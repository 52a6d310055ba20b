/** Manifests that are wrong, with what is said of them: rows 1-56 of reliability.md 9, whose numbers the names begin with. */
import { type HostFacts, unknownHost } from '../../src/manifest/graph-host.ts';
import { lines, type Texts } from './manifests.ts';

/** Container "web" whose fields begin at line 6; further lines at their numbers. */
export function container(numbered: Readonly<Record<number, string>>, head: Readonly<Record<number, string>> = {}): string {
  return lines({
    1: 'apiVersion: tsdock/v1',
    2: 'kind: Container',
    3: 'metadata:',
    4: '  name: web',
    5: 'spec:',
    6: '  image: nginx:1',
    ...head,
    ...numbered,
  });
}

export interface BadManifest {
  readonly input: string;
  readonly files: Texts;
  readonly says: readonly string[];
  readonly host?: HostFacts;
}

/** reliability.md 9.1: text. */
export const badText: readonly BadManifest[] = [
  {
    input: '1 tab as indentation',
    files: {
      'web.yaml': lines({ 1: 'apiVersion: tsdock/v1', 2: 'kind: Container', 3: 'metadata:', 4: '\tname: web', 5: 'spec: {image: x}' }),
    },
    says: ['web.yaml:4:1: error[YAML001]: tab used for indentation; hint: YAML allows only spaces here, use 2 spaces'],
  },
  {
    input: '2 quote never closed',
    files: { 'web.yaml': container({ 9: '  hostname: "web', 30: '  init: true' }) },
    says: ['web.yaml:9:13: error[YAML002]: string opened here is never closed (end of file at 31:1); hint: add a closing " on line 9'],
  },
  {
    input: '3 key twice',
    files: { 'web.yaml': container({ 12: '  image: nginx:2' }) },
    says: ['web.yaml:12:3: error[YAML003]: key "image" is set twice, first at 6:3; hint: keep one'],
  },
  {
    input: '4 alias bomb',
    files: {
      'web.yaml': [
        'a: &a [x, x, x, x, x, x, x, x, x, x]',
        ...['b', 'c', 'd', 'e', 'f'].map((name, index) => {
          const alias = `*${'abcde'[index]}`;
          return `${name}: &${name} [${Array(10).fill(alias).join(', ')}]`;
        }),
      ].join('\n'),
    },
    says: ['web.yaml:5:36: error[YAML010]: aliases expand to more than 100 000 nodes; hint: write the values out, or split the file'],
  },
  {
    input: '5 100,000 nested [',
    files: { 'web.yaml': '['.repeat(100_000) },
    says: ['web.yaml:1:64: error[YAML011]: nested deeper than 64 levels'],
  },
  {
    input: '6 file of 300 MB',
    files: { 'web.yaml': Buffer.alloc(300 * 2 ** 20, '#') },
    says: ['web.yaml: error[YAML012]: file is 300 MiB, the limit is 4 MiB; hint: is this a manifest? data belongs in a Volume or Config'],
  },
  {
    input: '7 not UTF-8',
    files: { 'web.yaml': Buffer.from(container({ 7: '  hostname: caf\xe9' }), 'latin1') },
    says: ['web.yaml:7:16: error[YAML013]: byte 0xE9 is not valid UTF-8; hint: convert with iconv -f latin1 -t utf-8'],
  },
  {
    input: '7 UTF-16',
    files: { 'web.yaml': Buffer.from(`\uFEFF${container({})}`, 'utf16le') },
    says: ['web.yaml:1:1: error[YAML013]: byte 0xFF is not valid UTF-8; hint: convert with iconv -f utf-16 -t utf-8'],
  },
  {
    input: '8 unknown tag',
    files: { 'web.yaml': container({}, { 6: '  image: !!js/function x' }) },
    says: ['web.yaml:6:10: error[YAML014]: tag "!!js/function" is not supported'],
  },
  {
    input: '8 binary',
    files: { 'web.yaml': container({}, { 6: '  image: !!binary aGVsbG8=' }) },
    says: ['web.yaml:6:10: error[YAML014]: tag "!!binary" is not supported'],
  },
  {
    input: '9 unknown alias',
    files: { 'web.yaml': `base: &base {}\n---\n${container({ 8: '  env: *base' })}` },
    says: [
      'web.yaml:1:1: error[SCH002]: object has no kind; hint: add e.g. "kind: Container"',
      'web.yaml:10:8: error[YAML015]: alias *base is not defined in this document; hint: anchors do not cross "---"',
    ],
  },
  {
    input: '10 __proto__ as a field',
    files: { 'web.yaml': container({ 7: '  __proto__: {a: 1}' }) },
    says: ['web.yaml:7:3: error[SCH001]: unknown field "__proto__" in spec'],
  },
  { input: '11 empty', files: { 'web.yaml': '' }, says: ['web.yaml: note[YAML020]: no object in this file, nothing to do'] },
  {
    input: '11 comments only',
    files: { 'web.yaml': '# nothing\n---\n# here\n' },
    says: ['web.yaml: note[YAML020]: no object in this file, nothing to do'],
  },
  {
    input: '12 JSON, trailing comma',
    files: { 'web.json': `${'\n'.repeat(11)}{"kind": "Container",\n "metadata": {"n": 1},\n  }` },
    says: ['web.json:14:3: error[JSON001]: unexpected "}" after ","; hint: remove the comma at 13:22'],
  },
  {
    input: '13 merge conflict',
    files: { 'web.yaml': container({ 10: '<<<<<<< HEAD', 11: '  replicas: 1', 12: '=======', 13: '  replicas: 2', 14: '>>>>>>> topic' }) },
    says: ['web.yaml:10:1: error[YAML021]: git conflict marker "<<<<<<< HEAD"; hint: resolve the merge first'],
  },
  {
    input: '14 template not rendered',
    files: { 'web.yaml': container({}, { 6: '  image: {{ .Values.tag }}' }) },
    says: [
      `web.yaml:6:10: error[YAML022]: this looks like an unrendered template ("{{ .Values.tag }}"); hint: render it first, or use $\{tag} with --var`,
    ],
  },
  {
    input: '14 template inside a name',
    files: { 'web.yaml': container({}, { 6: '  image: "nginx:{{ .Values.tag }}"' }) },
    says: [
      `web.yaml:6:10: error[YAML022]: this looks like an unrendered template ("{{ .Values.tag }}"); hint: render it first, or use $\{tag} with --var`,
    ],
  },
  {
    input: '14 template statement',
    files: { 'web.yaml': `{{- if .Values.web }}\n${container({})}{{- end }}\n` },
    says: [
      `web.yaml:1:1: error[YAML022]: this looks like an unrendered template ("{{- if .Values.web }}"); hint: render it first, or use $\{tag} with --var`,
    ],
  },
];

const host: HostFacts = {
  ...unknownHost,
  cpus: 2,
  controllers: ['cpu', 'memory'],
  routes: [
    { destination: '0.0.0.0/0', device: 'eth0' },
    { destination: '10.88.0.0/22', device: 'docker0' },
    { destination: '10.8.0.0/24', device: 'wg0' },
  ],
  paths: new Map([
    ['/srv/data', 'missing'],
    ['/etc/tsdock/manifests/data', 'missing'],
  ]),
};

const network = (name: string, numbered: Readonly<Record<number, string>>): string =>
  lines({ 1: 'apiVersion: tsdock/v1', 2: 'kind: Network', 3: `metadata: {name: ${name}}`, 4: 'spec:', ...numbered });

/** reliability.md 9.2: fields. Rows that need a later milestone (32 limits.io, 49 changes of a Network) are tested where they are met. */
export const badFields: readonly BadManifest[] = [
  {
    input: '15 misspelt field',
    files: { 'web.yaml': container({ 7: '  comand: x' }) },
    says: ['web.yaml:7:3: error[SCH001]: unknown field "comand" in spec; hint: did you mean "command"?'],
  },
  {
    input: '15 misspelt field of a later release',
    files: { 'web.yaml': container({ 46: '  readinesProbe: {}' }) },
    says: ['web.yaml:46:3: error[SCH001]: unknown field "readinesProbe" in spec; hint: did you mean "readinessProbe"?'],
  },
  {
    input: '15 misspelt further down',
    files: { 'web.yaml': container({ 7: '  ports: [{containerPort: 80, hostport: 8080}]' }) },
    says: ['web.yaml:7:31: error[SCH001]: unknown field "hostport" in spec.ports[0]; hint: did you mean "hostPort"?'],
  },
  {
    input: '16 field missing',
    files: { 'web.yaml': container({}, { 6: '  tty: true' }) },
    says: ['web.yaml:1:1: error[SCH002]: Container "web" has no spec.image; hint: add e.g. "image: docker.io/library/nginx:1.27"'],
  },
  {
    input: '17 wrong type',
    files: { 'web.yaml': container({ 11: '  replicas: three' }) },
    says: ['web.yaml:11:13: error[SCH003]: spec.replicas must be an integer, found string "three"'],
  },
  {
    input: '17 boolean of YAML 1.1',
    files: { 'web.yaml': container({ 11: '  tty: yes' }) },
    says: ['web.yaml:11:8: error[SCH003]: spec.tty must be a boolean, found string "yes"; hint: write true'],
  },
  {
    input: '18 env value not a string',
    files: { 'web.yaml': container({ 13: '  env:', 14: '      DEBUG: true' }) },
    says: ['web.yaml:14:14: error[SCH005]: spec.env.DEBUG must be a string, found boolean true; hint: quote it: "true"'],
  },
  {
    input: '18 secret not a string',
    files: { 'web.yaml': container({ 13: '  env:', 14: '    DB_PASSWORD: 1234' }) },
    says: ['web.yaml:14:18: error[SCH005]: spec.env.DB_PASSWORD must be a string, found integer (value not shown)'],
  },
  {
    input: '19 no, on, yes',
    files: { 'web.yaml': container({ 14: '  env:', 15: '    DEBUG:   no' }) },
    says: ['web.yaml:15:14: warning[SCH006]: unquoted no is the string "no" here (YAML 1.2), false elsewhere; hint: quote it'],
  },
  ...['644', '0644'].map((mode) => ({
    input: `20 mode: ${mode}`,
    files: { 'web.yaml': container({ 16: '  mounts:', 17: '  - {tmpfs: {}, path: /t,', 18: `     mode: ${mode}}` }) },
    says: ['web.yaml:18:12: error[SCH007]: mode 644 is decimal (octal 1204); hint: write "0644" in quotes'],
  })),
  {
    input: '21 unknown kind',
    files: { 'web.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n' },
    says: [
      'web.yaml:2:7: error[SCH010]: unknown kind "Deployment"; hint: kinds are Container, Image, Network, Volume, Config, Secret, Job, CronJob, Registry, EngineConfig; Kubernetes kinds are not accepted (a Deployment is a Container with replicas), Compose files are',
    ],
  },
  {
    input: '22 unknown apiVersion',
    files: { 'web.yaml': container({}, { 1: 'apiVersion: tsdock/v2' }) },
    says: [
      'web.yaml:1:13: error[SCH011]: apiVersion "tsdock/v2" is newer than this daemon (tsdock/v1); hint: upgrade tsdock, or use tsdock/v1',
    ],
  },
  {
    input: '23 bad name',
    files: { 'web.yaml': container({}, { 4: '  name: Web_1' }) },
    says: [
      'web.yaml:4:9: error[SCH012]: name "Web_1" may only have a-z, 0-9 and "-", and starts and ends with a letter or digit; hint: web-1',
    ],
  },
  {
    input: '24 long name',
    files: { 'web.yaml': container({}, { 4: `  name: ${'a'.repeat(300)}` }) },
    says: ['web.yaml:4:9: error[SCH013]: name has 300 characters, the limit is 63'],
  },
  {
    input: '24 newline in the name',
    files: { 'web.yaml': container({}, { 4: '  name: "web\\n127.0.0.1 evil"' }) },
    says: [
      'web.yaml:4:9: error[SCH012]: name "web\\n127.0.0.1 evil" may only have a-z, 0-9 and "-", and starts and ends with a letter or digit; hint: web-127-0-0-1-evil',
    ],
  },
  {
    input: '25 object twice',
    files: Object.fromEntries(
      ['a.yaml', 'b.yaml'].map((file) => [
        file,
        'kind: Container\nmetadata: \n  name: web\napiVersion: tsdock/v1\nspec: {image: "nginx:1"}\n',
      ]),
    ),
    says: ['b.yaml:3:9: error[SCH020]: Container "web" is already defined at a.yaml:3:9; hint: rename one or remove it'],
  },
  {
    input: '26 port out of range',
    files: { 'web.yaml': container({ 20: '  ports:', 21: '          - "70000:80"' }) },
    says: ['web.yaml:21:13: error[PRT001]: port 70000 is not in 1-65535; hint: did you mean 7000?'],
  },
  {
    input: '27 host port twice',
    files: {
      'a.yaml': container({ 12: '  ports:   ["8080:80"]' }),
      'b.yaml': container({ 9: '  ports:   ["8080:81"]' }, { 4: '  name: blog' }),
    },
    says: ['b.yaml:9:13: error[PRT002]: host port 0.0.0.0:8080/tcp is already used by Container "web" (a.yaml:12:13)'],
  },
  {
    input: '27 host port twice in one container',
    files: { 'web.yaml': container({ 7: '  ports: ["8080:80", "8080:81"]' }) },
    says: ['web.yaml:7:22: error[PRT002]: host port 0.0.0.0:8080/tcp is already used by Container "web" (web.yaml:7:11)'],
  },
  {
    input: '27 every address clashes with one of them, within a range',
    files: {
      'a.yaml': container({ 7: '  ports: ["8000-8010:8000-8010/udp"]' }),
      'b.yaml': container({ 7: '  ports: ["127.0.0.1:8005:80/udp", "127.0.0.1:8005:80/tcp"]' }, { 4: '  name: blog' }),
    },
    says: ['b.yaml:7:11: error[PRT002]: host port 127.0.0.1:8005/udp is already used by Container "web" (a.yaml:7:11)'],
  },
  {
    input: '28 port text',
    files: { 'web.yaml': container({ 19: '  ports:', 20: '     - "8080:80:90:1"' }) },
    says: ['web.yaml:20:8: error[PRT003]: "8080:80:90:1" is not [ip:][host:]container[/protocol]'],
  },
  {
    input: '29 size text',
    files: { 'web.yaml': container({ 22: '  resources:', 23: '   limits:', 24: '    memory: 512 M' }) },
    says: ['web.yaml:24:13: error[RES001]: memory "512 M" is not a size; hint: 512M (10^6) or 512Mi (2^20)'],
  },
  {
    input: '30 memory too small',
    files: { 'web.yaml': container({ 22: '  resources:', 23: '   limits:', 24: '    memory: 4Ki' }) },
    says: ['web.yaml:24:13: error[RES002]: memory 4Ki is below the minimum of 6Mi: nothing could start'],
  },
  {
    input: '31 more CPU than there is',
    files: { 'web.yaml': container({ 23: '  resources:', 24: '   limits:', 25: '    cpu: 64' }) },
    host,
    says: ['web.yaml:25:10: warning[RES003]: cpu limit 64 is above the 2 cores of this host'],
  },
  {
    input: '32 limit without controller',
    files: { 'web.yaml': container({ 24: '  resources:', 25: '   limits:', 26: '    pids: 10' }) },
    host,
    says: [
      'web.yaml:26:11: error[RES004]: limits.pids needs the cgroup controller pids, which this host does not have; hint: tsdock info, or remove the field',
    ],
  },
  {
    input: '32 limit of a later release',
    files: { 'web.yaml': container({ 24: '  resources:', 25: '   limits:', 26: '    io: {}' }) },
    host,
    says: ['web.yaml:26:5: error[SCH016]: spec.resources.limits.io is known, but comes with M2; hint: remove it until then'],
  },
  {
    input: '33 bind source missing',
    files: { 'web.yaml': container({ 29: '  mounts:', 30: '            - /srv/data:/data' }) },
    host,
    says: ['web.yaml:30:15: error[VOL001]: bind source /srv/data does not exist; hint: create it, or set "create: true"'],
  },
  {
    input: '34 relative source missing',
    files: { 'web.yaml': container({ 29: '  mounts:', 30: '            - ./data:/data' }) },
    host,
    says: [
      'web.yaml:30:15: error[VOL001]: bind source "./data" is /etc/tsdock/manifests/data (relative to the manifest), which does not exist; hint: create it, or set "create: true"',
    ],
  },
  {
    input: '35 target twice',
    files: { 'web.yaml': container({ 30: '  mounts:', 31: '            - /a:/data', 36: '            - /b:/data/' }) },
    says: ['web.yaml:36:15: error[VOL003]: target /data is mounted twice, first at 31:15'],
  },
  ...['/proc/sys', '/', '/sys', '/data/../proc'].map((target) => ({
    input: `36 target ${target}`,
    files: { 'web.yaml': container({ 30: '  mounts:', 31: `            - /a:${target}` }) },
    says: [`web.yaml:31:15: error[VOL004]: target "${target}" may not be mounted over`],
  })),
  {
    input: '37 config key with a path',
    files: {
      'cfg.yaml': lines({
        1: 'apiVersion: tsdock/v1',
        2: 'kind: Config',
        3: 'metadata: {name: c}',
        4: 'spec:',
        7: ' data:',
        8: '  ../../etc/cron.d/x: a',
      }),
    },
    says: ['cfg.yaml:8:3: error[VOL005]: file name "../../etc/cron.d/x" may not contain "/" or ".."'],
  },
  {
    input: '38 reference to nothing',
    files: { 'web.yaml': container({ 39: '  networks:', 40: '         - backend' }), 'net.yaml': network('front', { 5: '  {}' }) },
    says: ['web.yaml:40:12: error[REF001]: Network "backend" does not exist; hint: defined are default, front'],
  },
  {
    input: '39 cycle',
    files: {
      'a.yaml': container({ 11: '  dependsOn:', 12: '    - b' }, { 4: '  name: a' }),
      'b.yaml': container({ 8: '  dependsOn:', 9: '    - c' }, { 4: '  name: b' }),
      'c.yaml': container({ 8: '  dependsOn:', 9: '    - a' }, { 4: '  name: c' }),
    },
    says: ['a.yaml:12:7: error[REF002]: dependsOn goes round: a -> b (b.yaml:9:7) -> c (c.yaml:9:7) -> a'],
  },
  {
    input: '40 secret in plain text',
    files: { 'web.yaml': container({ 16: '  env:', 17: '      DB_PASSWORD: "hunter2"' }) },
    says: [
      'web.yaml:17:20: warning[SEC001]: DB_PASSWORD looks like a secret in plain text; hint: {secret: NAME, key: KEY} (value not shown)',
    ],
  },
  {
    input: '41 shell syntax in a command',
    files: { 'web.yaml': container({ 7: '  command: nginx && tail -f x' }) },
    says: [
      'web.yaml:7:12: warning[SCH030]: "nginx && tail -f x" is not run by a shell, "&&" becomes an argument; hint: ["sh", "-c", "nginx && tail -f x"]',
    ],
  },
  {
    input: '42 subnet overlaps a route',
    files: { 'net.yaml': network('front', { 6: '  subnet: 10.0.0.0/8' }) },
    host: { ...host, routes: [{ destination: '10.8.0.0/24', device: 'wg0' }], pools: [{ cidr: '192.168.0.0/16', block: 24 }] },
    says: ['net.yaml:6:11: error[NET001]: subnet 10.0.0.0/8 overlaps host route 10.8.0.0/24 dev wg0; hint: free here: 192.168.0.0/24'],
  },
  {
    input: '42 subnet overlaps another one',
    files: { 'a.yaml': network('back', { 6: '  subnet: 10.5.0.0/16' }), 'net.yaml': network('front', { 6: '  subnet: 10.5.1.0/24' }) },
    host,
    says: ['net.yaml:6:11: error[NET001]: subnet 10.5.1.0/24 overlaps Network "back" (a.yaml:6:11); hint: free here: 10.88.4.0/24'],
  },
  {
    input: '43 host bits set',
    files: { 'net.yaml': network('front', { 6: '  subnet: 10.5.0.7/24' }) },
    says: ['net.yaml:6:11: error[NET002]: 10.5.0.7/24 has host bits set; hint: 10.5.0.0/24'],
  },
  {
    input: '44 address outside',
    files: {
      'net.yaml': network('front', { 6: '  subnet: 10.5.0.0/24' }),
      'web.yaml': container({ 20: '  networks:', 21: '   front:', 22: '    ipv4: 10.5.1.9' }),
    },
    says: ['web.yaml:22:11: error[NET003]: 10.5.1.9 is outside Network "front" (10.5.0.0/24)'],
  },
  {
    input: '44 address taken',
    files: {
      'a.yaml': container({ 9: '  networks: {front: {ipv4: 10.5.0.9}}' }, { 4: '  name: api' }),
      'net.yaml': network('front', { 6: '  subnet: 10.5.0.0/24' }),
      'web.yaml': container({ 20: '  networks:', 21: '   front:', 22: '    ipv4: 10.5.0.9' }),
    },
    says: ['web.yaml:22:11: error[NET003]: 10.5.0.9 in Network "front" is already used by Container "api" (a.yaml:9:28)'],
  },
  {
    input: '45 enum typo',
    files: { 'web.yaml': container({ 27: '  restartPolicy: on-fail' }) },
    says: ['web.yaml:27:18: error[SCH031]: restartPolicy "on-fail" is not one of Always, OnFailure, Never; hint: OnFailure'],
  },
  {
    input: '46 duration',
    files: { 'web.yaml': container({ 32: '  restartBackoff:', 33: '    initial: 10 sec' }) },
    says: ['web.yaml:33:14: error[SCH032]: initial "10 sec" is not a duration; hint: 10s'],
  },
  {
    input: '47 contradiction',
    files: {
      'web.yaml': container({ 33: '  security: privileged', 34: '  securityContext:', 35: '    capabilities: {add: [NET_ADMIN]}' }),
    },
    says: ['web.yaml:35:25: warning[SEC002]: privileged already has all capabilities, capabilities.add has no effect'],
  },
  ...['/run/tsdock/tsdock.sock', '/var/run/tsdock', '/run', '/'].map((source) => ({
    input: `48 our own socket mounted by ${source}`,
    files: { 'web.yaml': container({ 29: '  mounts:', 30: `            - ${source}:/host` }) },
    says: ['web.yaml:30:15: warning[SEC003]: mounting the tsdock socket gives this container root on the host'],
  })),
  {
    input: '50 no apiVersion',
    files: { 'web.yaml': 'kind: Container\nmetadata: {name: web}\nspec: {image: "nginx:1"}\n' },
    says: ['web.yaml:1:1: error[SCH002]: object has no apiVersion; hint: add "apiVersion: tsdock/v1"'],
  },
  {
    input: '51 EngineConfig among app files',
    files: { 'app.yaml': 'apiVersion: tsdock/v1\nkind: EngineConfig\nmetadata: {name: engine}\nspec: {}\n' },
    says: ['app.yaml:2:7: error[SCH014]: EngineConfig is read from /etc/tsdock/config.yaml only; hint: move it there'],
  },
  {
    input: '52 kind and services together',
    files: { 'x.yaml': 'kind: Container\nservices: {}\n' },
    says: ['x.yaml:2:1: error[SCH015]: "services" belongs to a Compose file, "kind" to a manifest; hint: keep one spelling per file'],
  },
  {
    input: '53 field of a later release',
    files: { 'web.yaml': container({ 9: '  autoUpdate: {policy: Digest}' }) },
    says: ['web.yaml:9:3: error[SCH016]: spec.autoUpdate is known, but comes with M4; hint: remove it until then'],
  },
  {
    input: '53 kind of a later release',
    files: { 'web.yaml': 'apiVersion: tsdock/v1\nkind: Job\nmetadata: {name: db}\nspec: {}\n' },
    says: ['web.yaml:2:7: error[SCH016]: kind Job is known, but comes with M2; hint: remove it until then'],
  },
  {
    input: '53 value of a later release',
    files: { 'web.yaml': container({ 9: '  networkMode: container:db' }) },
    says: [
      'web.yaml:9:16: error[SCH016]: spec.networkMode "container:db" is known, but comes with M2; hint: use bridge or host or none until then',
    ],
  },
  {
    input: '54 upper-case image',
    files: { 'web.yaml': container({}, { 6: '  image: Nginx:latest' }) },
    says: ['web.yaml:6:10: error[IMG001]: repository names are lower case; hint: nginx:latest'],
  },
  {
    input: '55 short digest',
    files: { 'web.yaml': container({}, { 6: '  image: nginx@sha256:abc' }) },
    says: ['web.yaml:6:10: error[IMG002]: digest "sha256:abc" has 3 hex digits, sha256 needs 64'],
  },
  {
    input: '56 image as a URL',
    files: { 'web.yaml': container({}, { 6: '  image: http://reg/x' }) },
    says: [
      'web.yaml:6:10: error[IMG003]: image names have no "http://"; hint: reg/x, and a Registry with "insecure: true" if it has no TLS',
    ],
  },
];
