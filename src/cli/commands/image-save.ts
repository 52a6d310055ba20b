import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArchiveFormat } from '../../model/engine-api.ts';
import { type CommandContext, done, type Options, type Outcome, text, usage } from '../command.ts';
import { connect } from '../connect.ts';
import { unpackLayout } from '../layout-files.ts';

const formats: Readonly<Record<string, ArchiveFormat>> = { 'oci-archive': 'oci', 'oci-dir': 'oci', 'docker-archive': 'docker' };

export async function run(context: CommandContext, refs: readonly string[], options: Options): Promise<Outcome> {
  const { streams, signal, cwd } = context;
  const format = text(options, 'format') ?? 'oci-archive';
  const form = formats[format];
  if (form === undefined) throw usage(`--format "${format}" is none of ${Object.keys(formats).join(', ')}`);
  const to = text(options, 'to') ?? '-';
  if (to === '-' && (format === 'oci-dir' || streams.stdout.isTTY)) throw usage('an image is written to a file or directory', '--to PATH');
  const connection = await connect(context, 'write');
  try {
    const pieces = connection.engine.saveImages(refs, { format: form, signal });
    const path = resolve(cwd, to);
    if (to === '-') await pipeline(pieces, streams.stdout, { end: false });
    else if (format === 'oci-dir') await unpackLayout(pieces, path);
    else await writeFile(pieces, path);
    return done;
  } finally {
    await connection.close();
  }
}

/** Under its name only when it is whole. */
async function writeFile(pieces: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await pipeline(pieces, createWriteStream(unfinished, { flags: 'wx', mode: 0o600 }));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
