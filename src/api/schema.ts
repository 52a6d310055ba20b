import { schemas } from '../model/generated/schemas.ts';

/** JSON schema of a kind, its name in any case; null for none of ours. */
export function schemaOf(kind: string): unknown {
  const name = Object.keys(schemas).find((candidate) => candidate.toLowerCase() === kind.toLowerCase());
  return name === undefined ? null : schemas[name];
}
