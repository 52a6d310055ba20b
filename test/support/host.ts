/**
 * A host of its own for one e2e test: a network namespace, state and run directories, a prefix, the command line, a daemon, a registry. `close()` ends what was started and
 * returns what the engine left behind.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import { engineProcesses, type Ledger, type LedgerScope, residue, takeLedger } from './residue.ts';

export const packageRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class TestHost {
  readonly name: string;
  readonly prefix: string;
  readonly directory: string;
  readonly stateDir: string;
  readonly runDir: string;
  readonly #scope: LedgerScope;
  readonly #before: Ledger;
  readonly #children = new Set<ChildProcess>();

  constructor() {
    const id = randomBytes(3).toString('hex');
    this.name = `tst-${id}`;
    this.prefix = `t${id}`;
    this.directory = mkdtempSync(join(tmpdir(), `tsdock-${id}-`));
    this.stateDir = join(this.directory, 'state');
    this.runDir = mkdtempSync(join('/dev/shm', `tsdock-${id}-`)); // in memory, as /run is
    mkdirSync(join(this.directory, 'manifests'));
    this.write('config.yaml', `apiVersion: tsdock/v1\nkind: EngineConfig\nmetadata: {name: engine}\nspec: {prefix: ${this.prefix}}\n`);
    execFileSync('ip', ['netns', 'add', this.name]);
    this.inNetwork('ip', ['link', 'set', 'lo', 'up']);
    this.#scope = {
      inNetwork: (command, args) => this.inNetwork(command, args),
      prefix: this.prefix,
      runDir: this.runDir,
      stateDir: this.stateDir,
    };
    this.#before = takeLedger(this.#scope);
  }

  /** Settings every command and daemon of this host gets. */
  get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      TSDOCK_STATE_DIR: this.stateDir,
      TSDOCK_RUN_DIR: this.runDir,
      TSDOCK_CONFIG: join(this.directory, 'config.yaml'),
      NO_COLOR: '1',
    };
  }

  /** Writes a file below the host's directory and returns its path. */
  write(name: string, content: string): string {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  /** Output of a program run inside the network namespace; throws when it fails. */
  inNetwork(command: string, args: readonly string[]): string {
    return execFileSync('nsenter', [`--net=/run/netns/${this.name}`, command, ...args], { encoding: 'utf8' });
  }

  /** Starts a program inside the network namespace; ended by `close`. */
  spawn(command: string, args: readonly string[], options: { readonly input?: string } = {}): ChildProcess {
    const child = spawn('nsenter', [`--net=/run/netns/${this.name}`, command, ...args], {
      cwd: this.directory,
      env: this.environment,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    if (options.input !== undefined) child.stdin?.end(options.input);
    return child;
  }

  /** Runs `tsdock` to its end, at most a minute. */
  async tsdock(args: readonly string[], options: { readonly input?: string } = {}): Promise<CommandResult> {
    const child = this.spawn(process.execPath, [join(packageRoot, 'bin', 'tsdock'), ...args], options);
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const [stdout, stderr, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), exitOf(child)]);
    clearTimeout(timer);
    return { code, stdout, stderr };
  }

  /** Runs `tsdock` and throws with its output when the exit code is another one. */
  async ok(args: readonly string[], expected = 0): Promise<CommandResult> {
    const result = await this.tsdock(args);
    if (result.code !== expected) {
      throw new Error(`tsdock ${args.join(' ')} ended with ${result.code}, not ${expected}\n${result.stdout}\n${result.stderr}`);
    }
    return result;
  }

  /** Data of a command with `-o json`. */
  async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse((await this.ok([...args, '-o', 'json'])).stdout) as T;
  }

  /** Starts a daemon and resolves when it printed its `ready` line. */
  async daemon(args: readonly string[] = []): Promise<ChildProcess> {
    const child = this.spawn(process.execPath, [join(packageRoot, 'bin', 'tsdock'), 'daemon', ...args]);
    let seen = '';
    const collect = (chunk: Buffer) => {
      seen += chunk.toString();
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    await eventually(() => {
      if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}:\n${seen}`);
      if (!/\bready\b/.test(seen)) throw new Error(`the daemon is not ready:\n${seen}`);
    }, 20_000);
    return child;
  }

  /** Body of an HTTP answer fetched from inside the network namespace; throws when there is none within three seconds. */
  fetch(url: string): string {
    return this.inNetwork(process.execPath, ['-e', fetchProgram, url]);
  }

  /** Kills every process in the engine's cgroups and the engine's own processes, for a test that failed half way. */
  kill(): void {
    for (const { pid } of engineProcesses(this.runDir)) killIfThere(pid);
    for (const directory of takeLedger(this.#scope).cgroups) emptyCgroup(directory);
  }

  /** Ends children of this host, checks that nothing of the engine is left, removes namespace and directories. */
  async close(): Promise<string[]> {
    await Promise.all([...this.#children].map((child) => endOf(child)));
    try {
      return await eventually(() => {
        const left = residue(this.#before, takeLedger(this.#scope));
        if (left.length > 0) throw new ResidueError(left);
        return [];
      }, 5000).catch((error: unknown) => {
        if (error instanceof ResidueError) return [...error.left];
        throw error;
      });
    } finally {
      execFileSync('ip', ['netns', 'delete', this.name]);
      for (const path of [this.directory, this.runDir]) rmSync(path, { recursive: true, force: true });
    }
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills what runs below a cgroup directory of this host's prefix and removes the directories, deepest first. */
function emptyCgroup(directory: string): void {
  const directories = execFileSync('find', [directory, '-depth', '-type', 'd'], { encoding: 'utf8' }).trim().split('\n');
  for (const each of directories) {
    for (const pid of readFileSync(join(each, 'cgroup.procs'), 'utf8').split('\n')) if (pid !== '') killIfThere(Number(pid));
  }
  for (const each of directories) {
    try {
      rmdirSync(each);
    } catch {
      // still being emptied by the kernel; the residue check names it
    }
  }
}

class ResidueError extends Error {
  readonly left: readonly string[];
  constructor(left: readonly string[]) {
    super(left.join('\n'));
    this.left = left;
  }
}

/** For `node -e`: prints the body of the answer from its argument. Debian's static busybox cannot be used on the host: its resolver crashes there. */
export const fetchProgram = `fetch(process.argv[1], { signal: AbortSignal.timeout(3000) }).then(async (r) => {
  process.stdout.write(await r.text()); if (!r.ok) process.exit(2);
}).catch((e) => { console.error(e.cause?.message ?? e.message); process.exit(1); })`;

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  if (stream !== null) for await (const chunk of stream) text += chunk.toString();
  return text;
}

/** Exit code, 128 + signal number as a shell has it when a signal ended it (here only SIGKILL by the timer). */
function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('close', (code) => resolve(code ?? 137));
  });
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = exitOf(child);
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}
