/** Signal numbers of Linux on x86-64 and arm64, signal(7). */
const numbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
};

/** First and last real-time signal a C library leaves to programs. */
const realtimeMin = 34;
const realtimeMax = 64;

/** Number of `SIGTERM`, `term`, `15`, `SIGRTMIN+3` or `RTMAX-1`; null for anything else. Pure. */
export function signalNumber(name: string): number | null {
  const text = name.trim().toUpperCase().replace(/^SIG/, '');
  if (/^\d{1,2}$/.test(text)) return inRange(Number(text));
  const realtime = /^RT(?<end>MIN|MAX)(?<offset>[+-]\d{1,2})?$/.exec(text)?.groups;
  if (realtime !== undefined) {
    const number = (realtime.end === 'MIN' ? realtimeMin : realtimeMax) + Number(realtime.offset ?? 0);
    return number >= realtimeMin ? inRange(number) : null;
  }
  return Object.hasOwn(numbers, text) ? (numbers[text] ?? null) : null;
}

/** `SIGKILL` for 9; `signal 40` for one without a name. Pure. */
export function signalName(number: number): string {
  const name = Object.keys(numbers).find((candidate) => numbers[candidate] === number);
  return name === undefined ? `signal ${number}` : `SIG${name}`;
}

function inRange(number: number): number | null {
  return number >= 1 && number <= realtimeMax ? number : null;
}
