import type { CommandContext, Options, Outcome } from '../command.ts';
import { changeContainers } from './containers.ts';

export function run(context: CommandContext, args: readonly string[], options: Options): Promise<Outcome> {
  return changeContainers('restart', context, args, options);
}
