/**
 *   started ──liveness fails──> condemned        ready ⇄ not ready   (readiness)
 *      ^                            ^
 *      └─startup succeeds─ begun ───┘ startup fails
 *
 * What answers come to. One run of a process has one state; a restart begins with a new one. Pure, and so is all of this file.
 */
import type { ProbeName, Probes, ProbeVerdict } from '../../../model/probes.ts';
import type { Instant } from '../../../model/resource.ts';
import type { Probe } from '../../../model/spec.ts';

/** How one try ended. */
export interface ProbeResult {
  readonly success: boolean;
  /** In words, bounded and printable. */
  readonly message: string;
}

export interface ProbeState {
  readonly verdict: ProbeVerdict;
  readonly tracks: { readonly [K in ProbeName]: Track };
}

/** What is counted of one probe. */
export interface Track {
  readonly tries: number;
  readonly successes: number;
  readonly failures: number;
  /** The last failure that counted. */
  readonly countedAt: Instant | null;
}

/** Until its first success a probe is tried this soon again, then after twice as long and so on, up to its period. */
const eagerMs = 250;
const untried: Track = { tries: 0, successes: 0, failures: 0, countedAt: null };
const untriedTracks: ProbeState['tracks'] = { startup: untried, readiness: untried, liveness: untried };

/** Of a run nobody has asked anything yet. */
export function firstProbeState(probes: Probes, startedAt: Instant): ProbeState {
  const started = probes.startup === null;
  const ready = started && probes.readiness === null;
  const verdict = { startedAt, started, ready, readyAt: ready ? startedAt : null, wasReady: ready, failing: null, condemned: null };
  return { verdict, tracks: untriedTracks };
}

/**
 * Of a run an engine before this one, or this one with other probes, has asked: what had been reached stays, counting begins anew. So a daemon that restarts neither asks a
 * startup probe again nor ends anything for failures it has not seen itself.
 */
export function resumedProbeState(probes: Probes, kept: ProbeVerdict): ProbeState {
  const started = kept.started || probes.startup === null;
  const ready = started && (kept.ready || probes.readiness === null);
  const readyAt = ready ? (kept.readyAt ?? kept.startedAt) : null;
  const asks = kept.failing !== null && probes[kept.failing.probe] !== null;
  const failing = ready || !asks ? null : kept.failing;
  const isCondemned = kept.condemned !== null && probes[kept.condemned.probe] !== null;
  const verdict = {
    ...kept,
    started,
    ready,
    readyAt,
    wasReady: kept.wasReady || ready,
    failing,
    condemned: isCondemned ? kept.condemned : null,
  };
  return { verdict, tracks: untriedTracks };
}

/** Probes whose turn it is: startup alone until it has succeeded, none when the process is to end. */
export function askedProbes(probes: Probes, { verdict }: ProbeState): readonly ProbeName[] {
  if (verdict.condemned !== null) return [];
  if (!verdict.started) return ['startup'];
  return (['readiness', 'liveness'] as const).filter((name) => probes[name] !== null);
}

/** From the end of a try, or with none yet from `now`, to the next one. */
export function pauseBefore(probe: Probe, name: ProbeName, state: ProbeState, now: Instant): number {
  const { tries, successes } = state.tracks[name];
  if (tries === 0) return Math.max(0, state.verdict.startedAt + probe.initialDelayMs - now);
  const isEager = name !== 'liveness' && successes === 0 && !state.verdict.wasReady;
  return isEager ? Math.min(probe.periodMs, eagerMs * 2 ** Math.min(tries - 1, 30)) : probe.periodMs;
}

/** The state after a try of one of the probes that `askedProbes` names. */
export function nextProbeState(probes: Probes, state: ProbeState, name: ProbeName, result: ProbeResult, now: Instant): ProbeState {
  const probe = probes[name];
  if (probe === null || !askedProbes(probes, state).includes(name)) return state;
  const track = countTry(state.tracks[name], probe, result, now);
  const tracks = { ...state.tracks, [name]: track };
  const after = result.success
    ? succeeded(probes, state.verdict, { name, probe, track, now })
    : failed(probes, state.verdict, { name, probe, track, result, now });
  return { verdict: after, tracks };
}

interface Tried {
  readonly name: ProbeName;
  readonly probe: Probe;
  readonly track: Track;
  readonly now: Instant;
}

/** A failure that came before its period was over does not count: trying early must not take time away from a slow program. */
function countTry(track: Track, probe: Probe, result: ProbeResult, now: Instant): Track {
  const tries = track.tries + 1;
  if (result.success) return { tries, successes: Math.min(track.successes + 1, probe.successThreshold), failures: 0, countedAt: null };
  const counts = track.countedAt === null || now - track.countedAt >= probe.periodMs * soonest;
  if (!counts) return { ...track, tries, successes: 0 };
  return { tries, successes: 0, failures: Math.min(track.failures + 1, probe.failureThreshold), countedAt: now };
}

/** Part of a period after which the next try may come, see `Prober`. */
export const soonest = 0.9;

function succeeded(probes: Probes, verdict: ProbeVerdict, { name, probe, track, now }: Tried): ProbeVerdict {
  const isEnough = track.successes >= probe.successThreshold;
  if (name === 'liveness' || !isEnough) return verdict;
  if (name === 'startup') return begin(probes, verdict, now);
  if (verdict.ready) return verdict.failing === null ? verdict : { ...verdict, failing: null };
  return { ...verdict, ready: true, readyAt: now, wasReady: true, failing: null };
}

function failed(
  probes: Probes,
  verdict: ProbeVerdict,
  { name, probe, track, result, now }: Tried & { readonly result: ProbeResult },
): ProbeVerdict {
  const final = track.failures >= probe.failureThreshold;
  const message = `${name} failed (${Math.max(1, track.failures)} of ${probe.failureThreshold}): ${result.message}`;
  if (name === 'readiness') {
    // One that is ready stays so until it has failed often enough; what is still allowed to it is no news.
    if (verdict.ready && !final) return verdict;
    return { ...verdict, ready: false, readyAt: null, failing: { probe: name, message, final } };
  }
  if (name === 'startup' && final && probes.startupFailed === 'go-on') return begin(probes, verdict, now);
  const failing = name === 'startup' ? { probe: name, message, final } : verdict.failing;
  if (!final) return { ...verdict, failing };
  return { ...verdict, ready: false, readyAt: null, failing, condemned: { probe: name, message } };
}

function begin(probes: Probes, verdict: ProbeVerdict, now: Instant): ProbeVerdict {
  const ready = probes.readiness === null;
  return { ...verdict, started: true, ready, readyAt: ready ? now : null, wasReady: ready, failing: null };
}
