/** The long-running process: one engine, the directories it watches, the API. Ends when its signal says so; containers go on. */
import { resolve } from 'node:path';
import type { FilesInput } from './api/routes.ts';
import { schemaOf } from './api/schema.ts';
import { ApiServer } from './api/server.ts';
import { hasErrors } from './manifest/diagnostic.ts';
import { loadManifests } from './manifest/load.ts';
import { snapshotsOf } from './manifest/snapshots.ts';
import { TsdockError } from './model/errors.ts';
import type { SourceSnapshot } from './model/graph.ts';
import type { Logger } from './model/log.ts';
import { type DirectoryFollower, followDirectory } from './watching.ts';
import type { OpenDaemonEngine } from './wiring.ts';

export interface DaemonOptions {
  /** Absolute path of the API's socket. */
  readonly socket: string;
  /** Directories of manifests that are kept applied. */
  readonly directories: readonly string[];
  /** Pause between full looks at each directory. */
  readonly lookMs: number;
  readonly stopContainers: boolean;
  /** Ends the daemon. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Called once requests are answered. */
  readonly onReady: () => void;
}

/** Serves until the signal is aborted, then lets go of everything within seconds; the engine is closed by then. */
export async function runDaemon(opened: OpenDaemonEngine, options: DaemonOptions): Promise<void> {
  const { log, signal } = options;
  const followers: DirectoryFollower[] = [];
  let server: ApiServer | null = null;
  try {
    server = await ApiServer.open(
      { engine: opened.engine, schemaOf: async (kind) => schemaOf(kind), load: loadFiles },
      { socket: options.socket, log },
    );
    for (const directory of options.directories) followers.push(followDirectory(resolve(directory), opened, options));
    options.onReady();
    await ended(signal);
    log.info('stopping', { stopContainers: options.stopContainers });
  } finally {
    await Promise.all([...followers.map((follower) => follower.close()), server?.close()]);
    await opened.close({ stopContainers: options.stopContainers && signal.aborted });
  }
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}

/** Manifests that came as texts through the API. */
async function loadFiles({ files, namespace, set, prune, variables }: FilesInput): Promise<readonly SourceSnapshot[]> {
  const loaded = loadManifests(
    files.map(({ path, text }) => ({ file: path, text })),
    { set: (of) => set ?? `cli:${of}`, namespace, variables: new Map(Object.entries(variables)), baseDirectory: '/' },
  );
  const outside = loaded.wants.filter(({ kind }) => kind !== 'git');
  if (outside.length > 0) {
    const message =
      'files, variables and programs beside a manifest are read by the command line, not from texts that come through the API';
    throw new TsdockError('MANIFEST', { message, diagnostics: [] });
  }
  if (hasErrors(loaded.diagnostics)) {
    const bad = loaded.perFile.filter((file) => hasErrors(file.diagnostics)).length;
    throw new TsdockError('MANIFEST', {
      message: `${bad} of ${files.length} files invalid, nothing was changed`,
      diagnostics: loaded.diagnostics,
    });
  }
  return snapshotsOf(loaded, { prune });
}
