/** What an apply does while it does it: live on a terminal, one line a change elsewhere, JSON lines on stdout with `-o json`. */
import { progressToJson } from '../api/protocol.ts';
import type { Progress } from '../model/engine-api.ts';
import type { Instant, SubjectKey } from '../model/resource.ts';
import { formatAge, formatDuration } from '../model/time.ts';
import type { CommandContext } from './command.ts';
import { describeSubject } from './keys.ts';
import { escapeControls, formatBytes, type Paint, paintFor, shortDigest } from './output.ts';
import { cutTo, widthOf, wrapTo } from './width.ts';

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

// ----------------------------------------------------------------------------------------------------------------- transfers

/** Bytes of one subject, by part (layer or file). */
export interface Transfer {
  readonly startedAt: Instant;
  readonly verb: string;
  /** Of a step without bytes that goes on now, such as `resolve`; null: bytes come. */
  stage: string | null;
  shownAt: Instant;
  readonly parts: Map<string, Part>;
  speed: Speed;
}

export interface Part {
  readonly stage: string | null;
  readonly done: number;
  readonly total: number | null;
  readonly speed: Speed;
}

/** Bytes that were there at some instants, oldest first, of the last few seconds. */
type Speed = readonly { readonly at: Instant; readonly done: number }[];

/** What a rate is counted over: long enough to be calm, short enough to follow a line that got slow. */
const speedMs = 5_000;
/** Reports come faster than a rate needs them. */
const sampleMs = 100;
/** A rate of a shorter time is noise. */
const leastSpeedMs = 200;

/** Takes one report in. */
export function noteProgress(transfers: Map<string, Transfer>, progress: Progress): Transfer {
  const { subject, verb, at, part, stage, done, total } = progress;
  const fresh: Transfer = { startedAt: at, verb, stage: null, shownAt: at, parts: new Map(), speed: [] };
  const transfer = transfers.get(subject) ?? fresh;
  transfers.set(subject, transfer);
  if (part === null || done === null) return transfer;
  if (total === null && done === 0) {
    transfer.stage = stage;
    return transfer;
  }
  const before = transfer.parts.get(part);
  const speed = before === undefined || before.stage !== stage ? [] : before.speed;
  transfer.parts.set(part, { stage, done, total, speed: stage === waiting ? [] : faster(speed, at, done) });
  transfer.stage = null;
  // Of a layer that went on where it was, or began again, nothing came now.
  const known = transfer.speed.at(-1)?.done ?? 0;
  const came = before === undefined || speed.length === 0 ? 0 : Math.max(0, done - before.done);
  if (stage !== waiting) transfer.speed = faster(transfer.speed, at, known + came);
  return transfer;
}

/** The stage of a layer whose turn has not come. */
const waiting = 'wait';

function faster(speed: Speed, at: Instant, done: number): Speed {
  const before = speed.at(-1);
  if (before !== undefined && done < before.done) return [{ at, done }];
  const recent = speed.filter((sample, index) => sample.at >= at - speedMs || (speed[index + 1]?.at ?? at) > at - speedMs);
  const isClose = at - (recent.at(-2)?.at ?? Number.NEGATIVE_INFINITY) < sampleMs;
  return [...(isClose ? recent.slice(0, -1) : recent), { at, done }];
}

/** Bytes a second; null: not known yet. */
function rateOf(speed: Speed, now: Instant): number | null {
  const [first] = speed;
  const last = speed.at(-1);
  if (first === undefined || last === undefined || now - first.at < leastSpeedMs || last.done === first.done) return null;
  return ((last.done - first.done) * 1000) / (now - first.at);
}

/** `13.0 MB of 28.0 MB, 6.5 MB/s, 3s left`, or the step that has no bytes. */
function transferText({ parts, stage, speed }: Transfer, now: Instant): string {
  const all = [...parts.values()];
  const step = stage === null ? [] : [steps[stage] ?? escapeControls(stage)];
  if (all.length === 0) return step.map((text) => `(${text})`).join('');
  const done = all.reduce((sum, part) => sum + part.done, 0);
  const total = all.every((part) => part.total !== null) ? all.reduce((sum, part) => sum + (part.total ?? 0), 0) : null;
  return [amountText(done, total), ...(step.length > 0 ? step : rateTexts(speed, now, total === null ? null : total - done))].join(', ');
}

const steps: Readonly<Record<string, string>> = { resolve: 'asking the registry', commit: 'writing to disk' };

const amountText = (done: number, total: number | null) => `${formatBytes(done)}${total === null ? '' : ` of ${formatBytes(total)}`}`;

/** Rate and the time that is left; of what is through neither says anything. */
function rateTexts(speed: Speed, now: Instant, left: number | null): readonly string[] {
  const rate = rateOf(speed, now);
  if (rate === null || rate < 1 || (left !== null && left <= 0)) return [];
  return [`${formatBytes(rate)}/s`, ...(left === null ? [] : [`${formatAge(Math.max(1000, (left * 1000) / rate))} left`])];
}

// --------------------------------------------------------------------------------------------------------------------- plain

/** A line each few seconds at most for each pull, so that a log of a slow one shows life without drowning. */
const plainEveryMs = 5_000;

export function plainView(stream: { write(text: string): unknown }, paint: Paint): ProgressView {
  const pulls = new Map<string, Transfer>();
  return {
    update: (progress) => {
      if (progress.state === 'running') {
        const pull = noteProgress(pulls, progress);
        if (progress.at - pull.shownAt < plainEveryMs) return;
        pull.shownAt = progress.at;
        stream.write(`  ${headText(progress.subject, pull, progress.at)}\n`);
      } else if (progress.state !== 'started') {
        pulls.delete(progress.subject);
        stream.write(`${endedLine(progress, paint)}\n`);
      }
    },
    end: () => undefined,
  };
}

function headText(subject: string, transfer: Transfer, now: Instant): string {
  const what = `${escapeControls(describeSubject(subject as SubjectKey))}  ${running({ subject, verb: transfer.verb })}`;
  return `${what} ${transferText(transfer, now)}`.trimEnd();
}

// ---------------------------------------------------------------------------------------------------------------------- live

const frameMs = 100;

export interface Frames {
  readonly now: () => Instant;
  /** Calls `draw` each so many milliseconds until it is told to stop. */
  readonly every: (ms: number, draw: () => void) => () => void;
}

const clock: Frames = {
  now: Date.now,
  every: (ms, draw) => {
    const timer = setInterval(draw, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** Ended actions scroll by; those under way stand below them, with bytes and rate of each layer. A frame is one write, and what it covers is not erased before. */
export function liveView(stream: NodeJS.WriteStream, paint: Paint, { now, every }: Frames = clock): ProgressView {
  const active = new Map<string, Transfer>();
  const ended: string[] = [];
  let drawn: readonly string[] = [];
  let drawnColumns = 0;
  const show = (lines: readonly string[]) => {
    const columns = columnsOf(stream);
    const isSame = columns === drawnColumns && lines.length === drawn.length && lines.every((line, index) => line === drawn[index]);
    if (ended.length === 0 && isSame) return;
    const text = frameText({ drawn, ended: ended.splice(0), lines, columns });
    if (text !== '') stream.write(text);
    drawn = lines;
    drawnColumns = columns;
  };
  const stop = every(frameMs, () => show(liveLines(active, now(), { columns: columnsOf(stream), rows: stream.rows || 24 }, paint)));
  return {
    update: (progress) => {
      if (progress.state === 'started' || progress.state === 'running') {
        noteProgress(active, progress);
        return;
      }
      active.delete(progress.subject);
      ended.push(endedLine(progress, paint));
    },
    end: () => {
      stop();
      show([]);
    },
  };
}

/** A terminal that does not tell its size says 0. */
const columnsOf = (stream: NodeJS.WriteStream) => stream.columns || 80;

/** What turns the lines that stand there into ended ones with other lines below: CUU, EL and ED (ECMA-48 8.3.22, 8.3.41, 8.3.39). */
export function frameText(frame: {
  readonly drawn: readonly string[];
  readonly ended: readonly string[];
  readonly lines: readonly string[];
  readonly columns: number;
}): string {
  const { drawn, ended, lines, columns } = frame;
  // In its last column the cursor stands on the character that was written, and EL takes that away.
  // A terminal that was made narrower since has broken them.
  const up = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
  const rows = [...ended.flatMap((line) => wrapTo(line, columns - 1)), ...lines];
  return `${up === 0 ? '' : `\u001b[${up}A`}${rows.map((row) => `${row}\u001b[K\n`).join('')}${up === 0 ? '' : '\u001b[0J'}`;
}

/** Lines of what is under way, at most as many as the terminal has room for, none wider than it. */
export function liveLines(
  active: ReadonlyMap<string, Transfer>,
  now: Instant,
  size: { readonly columns: number; readonly rows: number },
  paint: Paint,
): readonly string[] {
  const lines = [...active].flatMap(([subject, transfer]) => {
    const head = `◌ ${headText(subject, transfer, now)}  ${formatDuration(now - transfer.startedAt)}`;
    const coming = [...transfer.parts].filter(([, { stage, done, total }]) => stage !== waiting && (total === null || done < total));
    return [head, ...(transfer.parts.size > 1 ? coming.map(([name, part]) => `     ${partText(name, part, now)}`) : [])];
  });
  const room = Math.max(1, size.rows - 2);
  const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), `  … ${lines.length - room + 1} more`];
  return shown.map((line) => paint('plain', cutTo(line, size.columns - 1)));
}

function partText(name: string, { done, total, stage, speed }: Part, now: Instant): string {
  const label = escapeControls(shortDigest(name)).padEnd(22);
  const left = total === null ? null : total - done;
  return `${label} ${(stage ?? '').padEnd(10)} ${[amountText(done, total), ...rateTexts(speed, now, left)].join(', ')}`;
}
