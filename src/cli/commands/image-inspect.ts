import type { ImageDetails } from '../../model/engine-api.ts';
import { formatAge } from '../../model/time.ts';
import { type CommandContext, done, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { escapeControls, formatBytes, printData } from '../output.ts';

export async function run(context: CommandContext, [ref = '']: readonly string[]): Promise<Outcome> {
  const { streams, signal } = context;
  const connection = await connect(context, 'read');
  try {
    const details = await connection.engine.inspectImage(ref, { signal });
    if (await printData(context, { kind: 'ImageContent', ...details })) return done;
    streams.stdout.write(describe(details, Date.now()));
    return done;
  } finally {
    await connection.close();
  }
}

function describe(image: ImageDetails, now: number): string {
  const lines: (readonly [string, string])[] = [
    ['Image', image.ref],
    ['Digest', image.digest],
    ...(image.topDigest === image.digest ? [] : [['Index', image.topDigest] as const]),
    ['Config', image.configDigest],
    ['Platform', image.platform],
    ['Size', formatBytes(image.sizeBytes)],
    ['Resolved', `${image.resolvedAt} (${formatAge(now - Date.parse(image.resolvedAt))} ago)`],
    ...(image.usedBy.length === 0 ? [] : [['Used by', image.usedBy.join(', ')] as const]),
    ...Object.entries(image.config).flatMap(([name, value]) => (isEmpty(value) ? [] : [[title(name), textOf(value)] as const])),
  ];
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  const facts = lines.map(([name, value]) => `${`${name}:`.padEnd(width)}${escapeControls(value)}\n`);
  const layers = image.layers.map((layer, index) => `  ${index + 1}  ${layer.digest}  ${formatBytes(layer.sizeBytes)}\n`);
  const referrers = image.referrers.map((one) => `  ${one.digest}  ${escapeControls(one.artifactType)}  ${formatBytes(one.sizeBytes)}\n`);
  const unknown = image.referrersProblem === null ? [] : [`Referrers: not known: ${escapeControls(image.referrersProblem)}\n`];
  return [...facts, 'Layers:\n', ...layers, ...(referrers.length === 0 ? [] : ['Referrers:\n', ...referrers]), ...unknown].join('');
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `workingDir` → `Working dir`. */
function title(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}`;
}
