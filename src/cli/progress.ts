/** What an apply does while it does it: live on a terminal, one line a change elsewhere, JSON lines on stdout with `-o json`. */
import { progressToJson } from '../api/protocol.ts';
import type { Progress } from '../model/engine-api.ts';
import type { Instant, SubjectKey } from '../model/resource.ts';
import { formatDuration } from '../model/time.ts';
import type { CommandContext } from './command.ts';
import { describeSubject } from './keys.ts';
import { escapeControls, formatBytes, type Paint, paintFor, shortDigest } from './output.ts';

export interface ProgressView {
  update(progress: Progress): void;
  /** Takes live lines away; what ended stays. */
  end(): void;
}

/** The form `--progress` names; by itself JSON for `-o json`, live on a terminal, plain elsewhere. */
export function createProgress(context: CommandContext): ProgressView {
  const { globals, streams } = context;
  const { stderr, stdout } = streams;
  const form = globals.progress === 'auto' ? automatic(context) : globals.progress;
  if (form === 'json')
    return { update: (progress) => void stdout.write(`${JSON.stringify(progressToJson(progress))}\n`), end: () => undefined };
  if (form === 'none') return { update: () => undefined, end: () => undefined };
  const paint = paintFor(context, stderr);
  return form === 'tty' ? liveView(stderr, paint) : plainView(stderr, paint);
}

function automatic({ globals, streams, env }: CommandContext): 'json' | 'none' | 'tty' | 'plain' {
  if (globals.output === 'json') return 'json';
  if (globals.quiet) return 'none';
  return streams.stderr.isTTY === true && env.TERM !== 'dumb' ? 'tty' : 'plain';
}

// --------------------------------------------------------------------------------------------------------------------- words

/** Verb → while it runs, when it is done. */
const words: Readonly<Record<string, readonly [string, string]>> = {
  pull: ['pulling', 'pulled'],
  create: ['creating', 'created'],
  start: ['starting', 'started'],
  update: ['updating', 'updated in place'],
  publish: ['setting ports', 'ports set'],
  restart: ['ending', 'ended'],
  stop: ['stopping', 'stopped'],
  remove: ['removing', 'removed'],
  write: ['writing', 'written'],
  reserve: ['reserving ports', 'ports reserved'],
};

/** A container that is made is started in the same step. */
const wordsOf = ({ subject, verb }: Pick<Progress, 'subject' | 'verb'>) =>
  verb === 'create' && subject.startsWith('Container/') ? words.start : words[verb];
const running = (progress: Pick<Progress, 'subject' | 'verb'>) => wordsOf(progress)?.[0] ?? progress.verb;
const ended = (progress: Pick<Progress, 'subject' | 'verb'>) => wordsOf(progress)?.[1] ?? progress.verb;

/** `✔ Container web-1  created  (ImageChanged: …)`; the reason of a first creation or of a wished removal says nothing. */
export function endedLine(progress: Progress, paint: Paint): string {
  const subject = escapeControls(describeSubject(progress.subject as SubjectKey));
  if (progress.state === 'failed') {
    const message = progress.message === null ? '' : `: ${escapeControls(progress.message)}`;
    return `${paint('bad', '✘')} ${subject}  ${progress.verb} failed${message}`;
  }
  const reason = /^(?:Created|Deleted|NotDesired)?(?::|$)/.test(progress.reason)
    ? ''
    : paint('dim', `  (${escapeControls(progress.reason)})`);
  return `${paint('good', '✔')} ${subject}  ${ended(progress)}${reason}`;
}

// --------------------------------------------------------------------------------------------------------------------- plain

/** A line a second at most for each pull, so that a log of a slow one shows life without drowning. */
const plainEveryMs = 5_000;

export function plainView(stream: { write(text: string): unknown }, paint: Paint): ProgressView {
  const pulls = new Map<string, Transfer>();
  return {
    update: (progress) => {
      if (progress.state === 'running') {
        const pull = transferOf(pulls, progress);
        if (progress.at - pull.shownAt < plainEveryMs) return;
        pull.shownAt = progress.at;
        stream.write(
          `  ${escapeControls(describeSubject(progress.subject as SubjectKey))}  ${running(progress)} ${transferText(pull, progress.at)}\n`,
        );
      } else if (progress.state !== 'started') {
        pulls.delete(progress.subject);
        stream.write(`${endedLine(progress, paint)}\n`);
      }
    },
    end: () => undefined,
  };
}

// ---------------------------------------------------------------------------------------------------------------------- live

/** Bytes of one subject, by part (layer or file). */
interface Transfer {
  readonly startedAt: Instant;
  readonly verb: string;
  shownAt: Instant;
  readonly parts: Map<string, Part>;
}

interface Part {
  readonly startedAt: Instant;
  readonly stage: string | null;
  readonly done: number;
  readonly total: number | null;
}

function transferOf(transfers: Map<string, Transfer>, progress: Progress): Transfer {
  const known = transfers.get(progress.subject);
  const transfer = known ?? { startedAt: progress.at, verb: progress.verb, shownAt: progress.at, parts: new Map() };
  if (known === undefined) transfers.set(progress.subject, transfer);
  if (progress.part !== null && progress.done !== null) {
    const before = transfer.parts.get(progress.part);
    const startedAt = before === undefined || before.stage !== progress.stage ? progress.at : before.startedAt;
    transfer.parts.set(progress.part, { startedAt, stage: progress.stage, done: progress.done, total: progress.total });
  }
  return transfer;
}

function transferText({ parts, startedAt }: Transfer, now: Instant): string {
  const all = [...parts.values()];
  if (all.length === 0) return '';
  const done = all.reduce((sum, part) => sum + part.done, 0);
  const total = all.every((part) => part.total !== null) ? all.reduce((sum, part) => sum + (part.total ?? 0), 0) : null;
  return `${formatBytes(done)}${total === null ? '' : ` of ${formatBytes(total)}`}${rateText(done, now - startedAt)}`;
}

const rateText = (done: number, ms: number) => (ms < 200 || done === 0 ? '' : `, ${formatBytes((done * 1000) / ms)}/s`);

const frameMs = 100;

/** Ended actions scroll by; those under way stand below them, with bytes and rate of each layer. */
export function liveView(stream: NodeJS.WriteStream, paint: Paint): ProgressView {
  const active = new Map<string, Transfer>();
  let drawn = 0;
  const erase = () => {
    // CUU and ED (ECMA-48 8.3.22, 8.3.39)
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const draw = () => {
    erase();
    const lines = liveLines(active, Date.now(), { columns: stream.columns ?? 80, rows: stream.rows ?? 24 }, paint);
    for (const line of lines) stream.write(`${line}\n`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, frameMs);
  timer.unref();
  return {
    update: (progress) => {
      if (progress.state === 'started' || progress.state === 'running') {
        transferOf(active, progress);
        return;
      }
      active.delete(progress.subject);
      erase();
      stream.write(`${endedLine(progress, paint)}\n`);
      draw();
    },
    end: () => {
      clearInterval(timer);
      erase();
    },
  };
}

/** Lines of what is under way, at most as many as the terminal has room for, none wider than it. */
export function liveLines(
  active: ReadonlyMap<string, Transfer>,
  now: Instant,
  size: { readonly columns: number; readonly rows: number },
  paint: Paint,
): readonly string[] {
  const lines = [...active].flatMap(([subject, transfer]) => {
    const since = formatDuration(now - transfer.startedAt);
    const head =
      `${escapeControls(describeSubject(subject as SubjectKey))}  ${running({ subject, verb: transfer.verb })} ${transferText(transfer, now)}`.trimEnd();
    const parts = [...transfer.parts].map(([name, part]) => `     ${partText(name, part, now)}`);
    return [`◌ ${head}  ${since}`, ...(parts.length > 1 ? parts : [])];
  });
  const room = Math.max(1, size.rows - 2);
  const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), `  … ${lines.length - room + 1} more`];
  return shown.map((line) => paint('plain', line.slice(0, Math.max(1, size.columns - 1))));
}

function partText(name: string, { done, total, stage, startedAt }: Part, now: Instant): string {
  const label = escapeControls(shortDigest(name)).padEnd(22);
  const amount = total === null ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`;
  return `${label} ${(stage ?? '').padEnd(10)} ${amount}${total !== null && done >= total ? '' : rateText(done, now - startedAt)}`;
}
