import { isUtf8 } from 'node:buffer';
import { isMap, isScalar, parseDocument, stringify } from 'yaml';
import { writeEncrypted } from '../../manifest/edit-secret.ts';
import { TsdockError } from '../../model/errors.ts';
import { type CommandContext, done, type Options, type Outcome } from '../command.ts';
import { editPrivately } from '../private-editor.ts';
import { encryptFor, findSecret, openEncrypted, readManifestFiles, writeManifest } from '../secret-files.ts';

/** Opens the values of a Secret in an editor. Those that were changed are encrypted again, the others keep their text, so that Git shows what was touched. */
export async function run(context: CommandContext, args: readonly string[], options: Options): Promise<Outcome> {
  const [name = ''] = args;
  const { file, secret, place } = findSecret(context, readManifestFiles(context, options), name);
  const { encrypt } = await encryptFor(context, options);
  const before = await openEncrypted(context, file, secret);
  const texts = new Map([...before].flatMap(([key, bytes]) => (isUtf8(bytes) ? [[key, Buffer.from(bytes).toString()] as const] : [])));
  const after = await editTexts(
    context,
    name,
    texts,
    [...before.keys()].filter((key) => !texts.has(key)),
  );
  const values = new Map<string, string | null>();
  for (const [key, text] of after) if (texts.get(key) !== text) values.set(key, await encrypt(Buffer.from(text)));
  for (const key of texts.keys()) if (!after.has(key)) values.set(key, null);
  if (values.size > 0) {
    const wanted = new Map(
      [...secret.encrypted, ...values].flatMap(([key, armored]) => (armored === null ? [] : [[key, armored] as const])),
    );
    await writeManifest(file, writeEncrypted(file.text, place, values), place, wanted);
  }
  if (!context.globals.quiet)
    context.streams.stdout.write(values.size === 0 ? 'Nothing was changed.\n' : `${file.file}: ${[...values.keys()].join(', ')} changed\n`);
  return done;
}

/** What is no map of texts is given back to the editor with the reason; left as it is then, it is given up. */
async function editTexts(
  context: CommandContext,
  name: string,
  texts: ReadonlyMap<string, string>,
  bytes: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const head = [
    `# Values of Secret ${name}. A key that is taken out is taken out of the manifest.`,
    ...bytes.map((key) => `# ${key} is no text: tsdock secret set`),
  ];
  const body = texts.size === 0 ? '' : stringify(Object.fromEntries(texts), { lineWidth: 0 });
  let shown = `${head.join('\n')}\n${body}`;
  let before = '';
  for (;;) {
    const edited = (await editPrivately(context, shown)).replace(/^# This .*\n/, '');
    const read = readTexts(edited);
    if (read.is === 'texts') return read.texts;
    if (edited === before) throw new TsdockError('SEC014', { message: `what was edited ${read.problem}`, hint: 'nothing was changed' });
    shown = `# This ${read.problem}.\n${edited}`;
    before = edited;
  }
}

type Read = { readonly is: 'texts'; readonly texts: ReadonlyMap<string, string> } | { readonly is: 'wrong'; readonly problem: string };

function readTexts(text: string): Read {
  const document = parseDocument(text);
  const [error] = document.errors;
  // Its message would show the text around.
  if (error !== undefined) return { is: 'wrong', problem: `is no YAML (line ${error.linePos?.[0].line ?? 1})` };
  if (document.contents === null) return { is: 'texts', texts: new Map() };
  if (!isMap(document.contents)) return { is: 'wrong', problem: 'is not a map of keys to texts' };
  const texts = new Map<string, string>();
  for (const { key, value } of document.contents.items) {
    const isPlain = isScalar(key) && isScalar(value) && value.value !== null;
    if (!isPlain) return { is: 'wrong', problem: 'has a key without a text' };
    // 0123 and yes are meant as they are written.
    texts.set(String(key.value), typeof value.value === 'string' ? value.value : (value.source ?? String(value.value)));
  }
  return { is: 'texts', texts };
}
