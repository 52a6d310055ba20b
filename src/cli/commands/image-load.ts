import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TsdockError } from '../../model/errors.ts';
import { type CommandContext, done, flag, type Options, type Outcome, text } from '../command.ts';
import { connect } from '../connect.ts';
import { packLayout } from '../layout-files.ts';
import { escapeControls, formatBytes, listOf, printData } from '../output.ts';
import { createProgress } from '../progress.ts';

export async function run(context: CommandContext, [from = '']: readonly string[], options: Options): Promise<Outcome> {
  const { streams, signal, cwd } = context;
  const archive = from === '-' ? (streams.stdin as AsyncIterable<Uint8Array>) : await open(resolve(cwd, from));
  const connection = await connect(context, 'write');
  const view = createProgress(context);
  try {
    const label = from === '-' ? 'standard input' : from;
    const wanted = { label, as: text(options, 'as'), replace: flag(options, 'replace'), signal, onProgress: view.update };
    const images = await connection.engine.loadImages(archive, wanted);
    view.end();
    if (await printData(context, listOf(images.map((image) => ({ kind: 'ImageContent', ...image }))))) return done;
    for (const { ref, digest, sizeBytes } of images) streams.stdout.write(`${escapeControls(ref)}  ${digest}  ${formatBytes(sizeBytes)}\n`);
    return done;
  } finally {
    view.end();
    await connection.close();
  }
}

async function open(path: string): Promise<AsyncIterable<Uint8Array>> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new TsdockError('CLI011', { message: `${path}: cannot be read (${cause.code})`, cause });
  });
  return found.isDirectory() ? packLayout(path) : (createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>);
}
