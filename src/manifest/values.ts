/** Readers of the short texts in manifests. Each is total: null means "not one", the caller writes the message. */

const sizeUnits: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** Bytes of `256Mi` (2^20), `256M` (10^6), `1.5Gi` or a plain number. */
export function parseSize(value: string | number): number | null {
  const groups = /^(?<number>\d+(?:\.\d+)?)(?<unit>[kKMGTP]?i?)$/.exec(String(value))?.groups;
  const unit = groups?.unit === undefined || !Object.hasOwn(sizeUnits, groups.unit) ? undefined : sizeUnits[groups.unit];
  if (groups === undefined || unit === undefined) return null;
  const bytes = Math.round(Number(groups.number) * unit);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** Thousandths of a processor of `2`, `0.5`, `500m`. */
export function parseCpu(value: string | number): number | null {
  const groups = /^(?<number>\d+(?:\.\d+)?)(?<milli>m?)$/.exec(String(value))?.groups;
  if (groups === undefined) return null;
  const millis = Math.round(Number(groups.number) * (groups.milli === 'm' ? 1 : 1000));
  return Number.isSafeInteger(millis) && millis > 0 ? millis : null;
}

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `500ms`, `10s`, `1m30s`, `2h`, `1d`, or a number of seconds. */
export function parseDuration(value: string | number): number | null {
  const text = String(value);
  if (/^\d+(?:\.\d+)?$/.test(text)) return safe(Number(text) * 1000);
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) total += Number(number) * (durationUnits[unit ?? ''] ?? 0);
  return safe(total);
}

function safe(value: number): number | null {
  const rounded = Math.round(value);
  return Number.isSafeInteger(rounded) ? rounded : null;
}

/** A share in [0, 1] of `85%`, or of `0.85`. */
export function parseShare(value: string | number): number | null {
  const groups = /^(?<number>\d+(?:\.\d+)?)(?<percent>%?)$/.exec(String(value))?.groups;
  if (groups === undefined) return null;
  const share = groups.percent === '%' ? Number(groups.number) / 100 : Number(groups.number);
  return share <= 1 ? share : null;
}

/** What a text that is no duration may have meant: `10 sec` → `10s`. */
export function suggestDuration(text: string): string | null {
  const groups = /^\s*(?<number>\d+(?:\.\d+)?)\s*(?<unit>[a-z]+)\.?\s*$/i.exec(text)?.groups;
  const unit = groups?.unit?.toLowerCase() ?? '';
  const meant = /^mil|^ms/.test(unit) ? 'ms' : ['s', 'm', 'h', 'd'].find((letter) => unit.startsWith(letter));
  return groups === undefined || meant === undefined ? null : `${groups.number}${meant}`;
}

/** Splits a command line as a shell does: quotes and backslashes, no expansion. Null when a quote is never closed. */
export function splitCommand(text: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "'" || character === '"') {
      const end = closingQuote(text, at);
      if (end < 0) return null;
      const inner = text.slice(at + 1, end);
      word = (word ?? '') + (character === '"' ? inner.replace(/\\(["\\$`])/g, '$1').replaceAll('\\\n', '') : inner);
      at = end;
    } else if (character === '\\' && at + 1 < text.length) {
      at += 1;
      if (text[at] !== '\n') word = (word ?? '') + text.charAt(at);
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

function closingQuote(text: string, start: number): number {
  const mark = text[start];
  for (let at = start + 1; at < text.length; at += 1) {
    if (mark === '"' && text[at] === '\\') at += 1;
    else if (text[at] === mark) return at;
  }
  return -1;
}

/** What only a shell would understand in a command line: `&&`, `|`, `>` … outside quotes; null when there is nothing. */
export function shellSyntax(text: string): string | null {
  const bare = text.replace(/\\./g, '').replace(/'[^']*'|"[^"]*"/g, '');
  return /&&|\|\||[|;<>]|(?:^|\s)&(?:\s|$)|\$\(|`/.exec(bare)?.[0].trim() ?? null;
}

export interface PortText {
  readonly hostIP: string | null;
  readonly host: PortRange | null;
  readonly container: PortRange;
  readonly protocol: 'tcp' | 'udp';
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

const portPattern =
  /^(?:(?:(?<hostIP>\[[0-9a-fA-F:.]+\]|[^:[\]\s]*[.][^:[\]\s]*):)?(?<host>\d+(?:-\d+)?)?:)?(?<container>\d+(?:-\d+)?)(?:\/(?<protocol>tcp|udp|TCP|UDP))?$/;

/** `[ip:][host:]container[/protocol]`; ranges as `6000-6100`. Numbers are not checked yet. */
export function parsePortText(text: string): PortText | null {
  const groups = portPattern.exec(text)?.groups;
  if (groups?.container === undefined) return null;
  const hasHost = groups.host !== undefined;
  if (!hasHost && text.includes(':')) return null;
  return {
    hostIP: groups.hostIP ?? null,
    host: groups.host === undefined ? null : parseRange(groups.host),
    container: parseRange(groups.container),
    protocol: groups.protocol?.toLowerCase() === 'udp' ? 'udp' : 'tcp',
  };
}

function parseRange(text: string): PortRange {
  const [first = '', last = first] = text.split('-');
  return { first: Number(first), last: Number(last) };
}

export interface MountText {
  readonly source: string;
  readonly target: string;
  readonly options: readonly string[];
}

/** `source:target[:options]`; null when there is no target. */
export function parseMountText(text: string): MountText | null {
  const parts = text.split(':');
  const [source = '', target = '', options = ''] = parts;
  if (parts.length < 2 || parts.length > 3 || source === '' || target === '') return null;
  return { source, target, options: options === '' ? [] : options.split(',') };
}

/** A path of the host, not a reference: it begins with `/`, `./`, `../` or is `.` or `..`. */
export function isPath(text: string): boolean {
  return /^(?:\/|\.\.?(?:\/|$))/.test(text);
}

const label = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Names of objects and namespaces: product.md 4.1. */
export function isLabel(text: string): boolean {
  return label.test(text);
}

/** `name` or `namespace/name`. */
export function parseRef(text: string, namespace: string): { readonly namespace: string; readonly name: string } | null {
  const parts = text.split('/');
  if (parts.length > 2 || !parts.every(isLabel)) return null;
  const [first = '', second] = parts;
  return second === undefined ? { namespace, name: first } : { namespace: first, name: second };
}

/** Names of variables that hold what must not be printed. */
export function looksSecret(name: string): boolean {
  return /passw(?:or)?d|secret|token|api_?key|private_?key|credential/i.test(name) && !/_(?:FILE|PATH|URL|HOST|USER|NAME)$/i.test(name);
}

const signals =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

/** `SIGTERM` of `SIGTERM`, `term` or `15`; real-time ones as `SIGRTMIN+3`. */
export function parseSignal(value: string | number): string | null {
  const text = String(value).toUpperCase();
  if (/^\d+$/.test(text)) {
    const name = signals[Number(text) - 1];
    return name === undefined ? null : `SIG${name}`;
  }
  const name = text.replace(/^SIG/, '');
  if (signals.includes(name)) return `SIG${name}`;
  return /^RTMIN(?:\+(?:[1-9]|[12]\d|30))?$|^RTMAX(?:-(?:[1-9]|[12]\d|30))?$/.test(name) ? `SIG${name}` : null;
}

export const signalNames: readonly string[] = signals.map((name) => `SIG${name}`);

/** capabilities(7), without `CAP_`. */
export const capabilityNames: readonly string[] = (
  'AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE ' +
  'LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT ' +
  'SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM'
).split(' ');
