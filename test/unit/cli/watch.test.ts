import { expect, test } from 'vitest';
import { changesBetween } from '../../../src/cli/watch.ts';

interface Item {
  readonly name: string;
  readonly phase: string;
  readonly since?: number;
}

const forms = { keyOf: ({ name }: Item) => name, dataOf: (item: Item) => item };

test('what came, changed and went is told; how long something holds is no change', () => {
  const before = [
    { name: 'web', phase: 'Ready', since: 1 },
    { name: 'db', phase: 'Pending' },
    { name: 'old', phase: 'Ready' },
  ];
  const after = [
    { name: 'web', phase: 'Ready', since: 2 },
    { name: 'db', phase: 'Ready' },
    { name: 'new', phase: 'Pending' },
  ];
  const told = changesBetween<Item>(before, after, forms).map(({ type, object }) => `${type} ${object.name}`);
  expect(told).toEqual(['MODIFIED db', 'ADDED new', 'DELETED old']);
  expect(changesBetween<Item>(after, after, forms)).toEqual([]);
});
