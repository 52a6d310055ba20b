import { schemaOf } from '../../api/schema.ts';
import { schemas } from '../../model/generated/schemas.ts';
import { type CommandContext, done, type Outcome } from '../command.ts';
import { unknownKind } from '../kind-names.ts';

export async function run({ streams }: CommandContext, [kind]: readonly string[]): Promise<Outcome> {
  const data = kind === undefined ? schemas : schemaOf(kind);
  if (data === null) throw unknownKind(kind ?? '');
  streams.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
  return done;
}
