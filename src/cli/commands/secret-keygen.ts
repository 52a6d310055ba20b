import { join } from 'node:path';
import { addIdentity } from '../../controllers/config/age.ts';
import { TsdockError } from '../../model/errors.ts';
import { type CommandContext, done, type Outcome } from '../command.ts';

/** Makes one more identity of this host; what was encrypted for the earlier ones can still be read. Only its recipient is printed, which is no secret. */
export async function run({ globals, streams }: CommandContext): Promise<Outcome> {
  const { stateDir, quiet } = globals;
  const path = join(stateDir, 'keys/identity.txt');
  const recipient = await addIdentity(stateDir, `made by tsdock secret keygen, ${new Date().toISOString()}`).catch((cause: unknown) => {
    throw new TsdockError('SEC010', { message: `${path} cannot be written (${(cause as NodeJS.ErrnoException).code})`, cause });
  });
  streams.stdout.write(`${recipient}\n`);
  if (!quiet) streams.stderr.write(`The key is in ${path}: keep a copy of it where the manifests are not.\n`);
  return done;
}
