import type { Instant } from './resource.ts';

/** RFC 3339 in UTC with milliseconds. */
export function formatInstant(instant: Instant): string {
  return new Date(instant).toISOString();
}

/** How old something is, for tables: as `formatDuration`, in whole seconds. */
export function formatAge(ms: number): string {
  return ms < 1000 ? '0s' : formatDuration(ms);
}

/** A duration for people: `350ms`, `8s`, `41m`, `2h`, `3d`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}
