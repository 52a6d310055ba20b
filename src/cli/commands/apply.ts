import type { EngineApi } from '../../model/engine-api.ts';
import { type CommandContext, done, flag, type Options, type Outcome, share } from '../command.ts';
import { connect } from '../connect.ts';
import { type LoadedInput, loadInput } from '../inputs.ts';
import { runChange } from '../result.ts';
import { snapshotsFor } from '../snapshots.ts';

/** Share of a set one apply may remove unless told otherwise (product.md 9.1). */
const defaultMaxDelete = 0.3;

export async function run(context: CommandContext, _args: readonly string[], options: Options): Promise<Outcome> {
  const maxDelete = share(options, 'maxDelete', '--max-delete') ?? defaultMaxDelete;
  const input = await loadInput(context, options, flag(options, 'dryRun') ? 'leave' : 'run');
  if (input.loaded.documents.length === 0) return done;
  if (flag(options, 'dryRun')) {
    const { showPlan } = await import('./diff.ts');
    return await showPlan(context, input);
  }
  const connection = await connect(context, 'write');
  try {
    const { engine } = connection;
    const snapshots = await snapshotsFor(engine, flag(options, 'lock') ? await lockTags(context, engine, input) : input);
    const takeOwnership = flag(options, 'takeOwnership');
    const force = flag(options, 'force');
    return await runChange(context, options, connection, (waiting) =>
      engine.apply(snapshots, { ...waiting, takeOwnership, force, maxDelete }),
    );
  } finally {
    await connection.close();
  }
}

async function lockTags(context: CommandContext, engine: EngineApi, input: LoadedInput): Promise<LoadedInput> {
  const { lockInput } = await import('../locks.ts');
  return await lockInput(context, engine, input);
}
