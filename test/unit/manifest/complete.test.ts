import { expect, test } from 'vitest';
import { completeSpec } from '../../../src/manifest/complete.ts';
import { defaultSpecs } from '../../../src/manifest/defaults.ts';
import type { ObjectKind } from '../../../src/model/resource.ts';
import { objectKinds } from '../../../src/model/resource.ts';
import { containerSpec } from '../../support/samples.ts';

test('a whole spec stays as it is', () => {
  for (const kind of objectKinds) expect(completeSpec<ObjectKind>(kind, defaultSpecs[kind])).toEqual(defaultSpecs[kind]);
});

test('each field that a stored spec lacks has its default', () => {
  const whole = containerSpec({ ports: [{ name: null, containerPort: 80, hostPort: 8080, hostIP: null, protocol: 'tcp' }] });
  for (const [name, standard] of Object.entries(defaultSpecs.Container)) {
    if (name === 'image' || name === 'ports') continue;
    const stored = Object.fromEntries(Object.entries(whole).filter(([other]) => other !== name)) as unknown as typeof whole;
    expect(completeSpec('Container', stored), name).toEqual({ ...whole, [name]: standard });
  }
});

test('names that people choose are no fields', () => {
  const spec = containerSpec({ env: { toString: 'x' } });
  expect(completeSpec('Container', spec).env).toEqual({ toString: 'x' });
});
