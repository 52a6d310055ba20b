import type { ImageItem } from '../../model/engine-api.ts';
import { type CommandContext, done, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { escapeControls, formatBytes, listOf, printData } from '../output.ts';
import { createProgress } from '../progress.ts';

export async function run(context: CommandContext, args: readonly string[]): Promise<Outcome> {
  const { streams, signal } = context;
  const connection = await connect(context, 'write');
  const view = createProgress(context);
  try {
    const images: ImageItem[] = [];
    for (const ref of args) images.push(await connection.engine.pullImage(ref, { signal, onProgress: view.update }));
    view.end();
    if (await printData(context, listOf(images))) return done;
    for (const { ref, digest, sizeBytes } of images) streams.stdout.write(`${escapeControls(ref)}  ${digest}  ${formatBytes(sizeBytes)}\n`);
    return done;
  } finally {
    view.end();
    await connection.close();
  }
}
