/** Who may open a file and who we are, for a refusal. */
import { readFileSync, statSync } from 'node:fs';

/** `/run/tsdock/tsdock.sock is root:tsdock 0660, you are "ann"`; null when the file cannot be looked at either. */
export function describeAccess(path: string): string | null {
  try {
    const { uid, gid, mode } = statSync(path);
    const owner = `${nameOf('/etc/passwd', uid)}:${nameOf('/etc/group', gid)}`;
    const me = process.getuid?.() ?? -1;
    return `${path} is ${owner} ${(mode & 0o777).toString(8).padStart(4, '0')}, you are "${nameOf('/etc/passwd', me)}"`;
  } catch {
    return null; // the refusal itself is what has to be told
  }
}

/** Of /etc/passwd and /etc/group, whose lines both begin `name:password:id:`; the number where there is no name. */
function nameOf(file: string, id: number): string {
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((entry) => entry.split(':')[2] === String(id));
  return line?.split(':')[0] ?? String(id);
}
