import type { Event } from '../model/event.ts';
import { formatInstant } from '../model/time.ts';
import { describeSubject } from './keys.ts';
import { escapeControls, type Paint } from './output.ts';

/** `2026-03-01T12:00:00.000Z  Exited  Container web  exited 1 after 0.3 s` */
export function eventLine({ at, type, reason, object, message, actor }: Event, paint: Paint): string {
  const subject = object === null ? '-' : describeSubject(object);
  const by = actor === 'engine' ? '' : paint('dim', `  (${escapeControls(actor)})`);
  const reasonText = type === 'Warning' ? paint('warn', reason.padEnd(16)) : reason.padEnd(16);
  return `${paint('dim', formatInstant(at))}  ${reasonText} ${escapeControls(subject)}  ${escapeControls(message)}${by}`;
}
