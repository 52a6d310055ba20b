/** Input that nobody is to see: from a pipe, or typed without an echo. */
import { TsdockError } from '../model/errors.ts';
import { type CommandContext, usage } from './command.ts';

/** A value from stdin. Of a pipe one line break at the end is left out; on a terminal it is asked for twice. CLI010 when it is empty or the two differ. */
export async function readValue(context: CommandContext, what: string): Promise<Uint8Array> {
  const { stdin } = context.streams;
  const value = stdin.isTTY === true ? await askTwice(context, what) : withoutLineBreak(await readAll(stdin));
  if (value.length === 0) throw usage(`the value of ${what} is empty`, 'type it, or give it by a pipe');
  return value;
}

async function askTwice(context: CommandContext, what: string): Promise<Buffer> {
  const first = await ask(context, `Value of ${what} (not shown): `);
  const second = await ask(context, 'Again: ');
  if (first !== second) throw usage('the two values differ');
  return Buffer.from(first);
}

/** One line of the terminal. Ctrl-U empties it, Ctrl-C and the end of the command give it up; the terminal is then as it was. */
function ask({ streams: { stdin, stderr }, signal }: CommandContext, prompt: string): Promise<string> {
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  return new Promise<string>((resolve, reject) => {
    let typed: readonly string[] = [];
    const give = (end: () => void): void => {
      stdin.off('data', take);
      signal.removeEventListener('abort', stop);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
      end();
    };
    const stop = (): void => give(() => reject(new TsdockError('ABORTED', { message: 'interrupted' })));
    const take = (chunk: string): void => {
      const [keys, rest] = splitLine(chunk);
      for (const key of keys) {
        if (key === '\u0003' || key === '\u0004') {
          stop();
          return;
        }
        typed = key === '\u0015' ? [] : key === '\u007f' || key === '\b' ? typed.slice(0, -1) : [...typed, key];
      }
      if (rest === null) return;
      if (rest !== '') stdin.unshift(rest); // typed ahead, for the next question
      give(() => resolve(typed.join('')));
    };
    signal.addEventListener('abort', stop, { once: true });
    stdin.on('data', take);
    stdin.resume();
  });
}

/** What stands before the first line break, by character, and what follows it; null while there is none. */
function splitLine(chunk: string): readonly [keys: readonly string[], rest: string | null] {
  const at = chunk.search(/[\r\n]/);
  return at < 0 ? [[...chunk], null] : [[...chunk.slice(0, at)], chunk.slice(at + 1)];
}

async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function withoutLineBreak(bytes: Buffer): Buffer {
  if (bytes.at(-1) !== 10) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 13 ? -2 : -1);
}
