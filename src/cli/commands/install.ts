/** Writes what a host needs so that the daemon starts with it: a systemd unit, the engine's configuration, the watched directory. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import { type CommandContext, done, flag, type Globals, type Options, type Outcome, text } from '../command.ts';
import { escapeControls } from '../output.ts';

const unitPath = '/etc/systemd/system/tsdock.service';
const configPath = '/etc/tsdock/config.yaml';
const manifestsPath = '/etc/tsdock/manifests';

/** First line of the unit: only a file that has it is replaced. */
const mark = '# Written by tsdock install; it is replaced by the next one.';

interface Installed {
  readonly path: string;
  /** Null: a directory. */
  readonly content: string | null;
  /** What happens to one that is there with other content: a configuration belongs to its owner. */
  readonly existing: 'replace' | 'keep';
}

export async function run({ globals, streams, cwd }: CommandContext, _args: readonly string[], options: Options): Promise<Outcome> {
  const root = text(options, 'root');
  const place = (path: string) => (root === null ? path : join(resolve(cwd, root), path));
  const program = { node: process.execPath, tsdock: realpathSync(process.argv[1] ?? '') };
  const files = filesToInstall(program, globals);
  if (flag(options, 'dryRun')) {
    for (const { path, content } of files)
      streams.stdout.write(`==> ${escapeControls(place(path))}${content === null ? '/' : `\n${content}`}\n`);
    return done;
  }
  for (const file of files) streams.stdout.write(`${install(place(file.path), file).padEnd(9)} ${escapeControls(place(file.path))}\n`);
  if (!globals.quiet) streams.stderr.write(`${nextStep(root, program)}\n`);
  return done;
}

function filesToInstall(program: Program, globals: Globals): readonly Installed[] {
  return [
    { path: manifestsPath, content: null, existing: 'keep' },
    { path: configPath, content: configText, existing: 'keep' },
    { path: unitPath, content: unitText(program, globals), existing: 'replace' },
  ];
}

interface Program {
  readonly node: string;
  readonly tsdock: string;
}

const configText = `# Settings of the engine on this host; every field: tsdock explain engineconfig
apiVersion: tsdock/v1
kind: EngineConfig
metadata: {name: engine}
spec: {}
`;

/**
 * KillMode=process ends the daemon alone: zygote and supervisors are in the same cgroup, and the containers under them go on while it is stopped or replaced.
 * Delegate=yes makes systemd keep out of the groups below.
 */
export function unitText({ node, tsdock }: Program, { stateDir, runDir }: Pick<Globals, 'stateDir' | 'runDir'>): string {
  const places = [
    ...(stateDir === '/var/lib/tsdock' ? [] : ['--state-dir', stateDir]),
    ...(runDir === '/run/tsdock' ? [] : ['--run-dir', runDir]),
  ];
  const command = [node, tsdock, 'daemon', '--watch', manifestsPath, ...places].map(quoted).join(' ');
  return `${mark}
[Unit]
Description=tsdock container engine
Wants=network-online.target
After=network-online.target local-fs.target

[Service]
Type=exec
ExecStart=${command}
Restart=on-failure
RestartSec=1s
KillMode=process
Delegate=yes
TasksMax=infinity
LimitNOFILE=1048576
OOMScoreAdjust=-500

[Install]
WantedBy=multi-user.target
`;
}

/** systemd.syntax(7): quotes for spaces, %% for its specifiers. */
function quoted(word: string): string {
  const plain = word.replaceAll('%', '%%');
  return /^[\w./:@%+=-]+$/.test(plain) ? plain : `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '$$$$')}"`;
}

/** What was done: `written`, `unchanged` or `kept`. CLI020 for a file of somebody else in the place of ours. */
function install(path: string, { content, existing }: Installed): string {
  try {
    if (content === null) return mkdirSync(path, { recursive: true, mode: 0o755 }) === undefined ? 'unchanged' : 'written';
    const found = existsSync(path) ? readFileSync(path, 'utf8') : null;
    if (found === content) return 'unchanged';
    if (found !== null && existing === 'keep') return 'kept';
    if (found !== null && !found.startsWith(mark)) {
      throw new TsdockError('CLI020', { message: `${path} is there and was not written by tsdock install`, hint: 'move it away first' });
    }
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileSync(path, content, { mode: 0o644 });
    return 'written';
  } catch (error) {
    if (error instanceof TsdockError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const hint = code === 'EACCES' || code === 'EPERM' ? { hint: 'sudo tsdock install' } : {};
    throw new TsdockError('CLI020', { message: `${path} cannot be written: ${message}`, cause: error, ...hint });
  }
}

/** What is left to the person, told by what this host is. */
function nextStep(root: string | null, { node, tsdock }: Program): string {
  if (root !== null) return `next: systemctl enable tsdock, on the host that has ${root} as its root`;
  if (!existsSync('/run/systemd/system')) {
    return `no systemd runs here, so nothing starts the daemon: let what starts programs on this host run\n  ${node} ${tsdock} daemon --watch ${manifestsPath}`;
  }
  const { status } = spawnSync('systemctl', ['daemon-reload'], { stdio: 'ignore' });
  return `next: ${status === 0 ? '' : 'systemctl daemon-reload && '}systemctl enable --now tsdock`;
}
