/** A text in the editor of whoever sits there, without a copy of it anywhere but in memory. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInMemory } from '../controllers/config/memory.ts';
import { TsdockError } from '../model/errors.ts';
import type { CommandContext } from './command.ts';

/**
 * Gives what the text was edited to. It lies in a directory of its own in memory (0700, the file 0600), where editors also put what they keep beside it; the directory is
 * gone afterwards, also when editor or command are interrupted. SEC010 where there is no memory to put it, CLI011 when the editor cannot be run or fails.
 */
export async function editPrivately(context: CommandContext, text: string): Promise<string> {
  const directory = mkdtempSync(join(await memoryOf(context), 'tsdock-edit-'));
  try {
    const path = join(directory, 'secret.yaml');
    chmodSync(directory, 0o700);
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
    await runEditor(context, path);
    return readFileSync(path, 'utf8');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function memoryOf({ env }: CommandContext): Promise<string> {
  for (const path of [env.XDG_RUNTIME_DIR, '/dev/shm']) if (path !== undefined && path !== '' && (await isInMemory(path))) return path;
  throw new TsdockError('SEC010', {
    message: 'neither $XDG_RUNTIME_DIR nor /dev/shm is in memory, and a value is never written to a disk',
    hint: 'tsdock secret set',
  });
}

/** As a shell runs it: `code --wait` is an editor too. An interruption is the editor's business, as all that is typed; being ended is passed on to it. */
function runEditor({ env }: CommandContext, path: string): Promise<void> {
  const editor = env.VISUAL || env.EDITOR || 'vi';
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', `exec ${editor} "$1"`, 'sh', path], { stdio: 'inherit', env });
    const ignore = (): void => undefined;
    const end = (): void => void child.kill('SIGTERM');
    process.on('SIGINT', ignore).on('SIGTERM', end).on('SIGHUP', end);
    const settle = (error: TsdockError | null): void => {
      process.off('SIGINT', ignore).off('SIGTERM', end).off('SIGHUP', end);
      if (error === null) resolve();
      else reject(error);
    };
    child.once('error', (cause) => settle(new TsdockError('CLI011', { message: `${editor}: cannot be run`, hint: 'set EDITOR', cause })));
    child.once('close', (code, signal) => {
      if (signal !== null) settle(new TsdockError('ABORTED', { message: 'interrupted, nothing was changed' }));
      else
        settle(
          code === 0
            ? null
            : new TsdockError('CLI011', { message: `${editor} ended with ${code}, nothing was changed`, hint: 'set EDITOR' }),
        );
    });
  });
}
