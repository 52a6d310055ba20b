import { describe, expect, test } from 'vitest';
import { diffNetwork } from '../../../src/controllers/network/diff.ts';
import { namesHashOf, namesText } from '../../../src/controllers/network/names.ts';
import { frontKey, frontLease, nameEntry, network, networkSpec, observedNetwork, record, view } from '../../support/samples.ts';

const noNames = namesHashOf(namesText({ ...frontLease, spec: networkSpec(), names: [] }));
const web = nameEntry('10.88.0.2', ['web-1', 'web']);
const verdictOf = (...args: Parameters<typeof diffNetwork>) => {
  const verdict = diffNetwork(...args).verdicts.get(frontKey);
  return verdict?.is === 'changing'
    ? `${verdict.steps.map((step) => `${step.verb} ${step.phase}`).join()} ${verdict.steps[0]?.reason.code}`
    : verdict?.is === 'blocked'
      ? `blocked ${verdict.reason.code}`
      : 'settled';
};

describe('a network', () => {
  test('is made by its lease', () => {
    const { verdicts, change } = diffNetwork(network({ mtu: 1400 }), null, view({ records: [record(frontKey)], names: [web] }));
    const verdict = verdicts.get(frontKey);
    expect(verdict?.is === 'changing' ? verdict.steps[0] : null).toMatchObject({
      verb: 'create',
      phase: 'up',
      input: {
        verb: 'create',
        network: { ...frontLease, identity: { uid: 'u1', set: 'cli:shop' }, names: [web] },
      },
    });
    expect(change).toMatchObject({ action: 'create', fields: [{ path: 'mtu', from: null, to: 1400 }] });
  });

  test('without a lease waits with the reason', () => {
    const missing = { [frontKey]: { code: 'SubnetConflict' as const, message: 'taken', paths: [] } };
    expect(verdictOf(network(), null, view({ networks: {}, missing }))).toBe('blocked SubnetConflict');
  });

  test('is settled when link, rules and names are right', () => {
    expect(verdictOf(network(), observedNetwork({ namesHash: noNames }), view())).toBe('settled');
  });

  test.each([
    [{ up: false }, 'Drifted'],
    [{ tableIntact: false }, 'Drifted'],
    [{ mtu: 9000 }, 'Drifted'],
    [{ gateway: '10.88.0.9' }, 'Drifted'],
    [{ namesHash: 'other' }, 'NamesChanged'],
    [{ namesHash: null }, 'NamesChanged'],
    [{ identity: { uid: '', set: '', specHash: '', schemaVersion: 0 } }, 'SpecChanged'],
  ])('that is %o is brought back: %s', (over, code) => {
    expect(verdictOf(network(), observedNetwork({ namesHash: noNames, ...over }), view())).toBe(`update up ${code}`);
  });

  test('that got another spec is updated in place, and a moved subnet is announced', () => {
    const desired = network({ isolated: false, subnet: '10.9.0.0/24' }, { specHash: 'v1:new' });
    const lease = { ...frontLease, subnet: '10.9.0.0/24', gateway: '10.9.0.1' };
    const facts = { networks: { [frontKey]: lease }, records: [record(frontKey, { lastApplied: network().spec })] };
    expect(verdictOf(desired, observedNetwork({ namesHash: noNames }), view(facts))).toBe('update up SpecChanged');
    expect(diffNetwork(desired, observedNetwork(), view(facts)).change).toMatchObject({
      action: 'update',
      downtime: 'connections of its members break',
      fields: [
        { path: 'subnet', from: null, to: '10.9.0.0/24', effect: 'connections' },
        { path: 'isolated', from: true, to: false, effect: 'in-place' },
      ],
    });
  });

  test('whose names alone change is no change for people', () => {
    expect(
      diffNetwork(network(), observedNetwork(), view({ records: [record(frontKey, { lastApplied: network().spec })] })).change,
    ).toBeNull();
  });

  test('whose forwarders or domain change gets them in place, by its names file', () => {
    const desired = network({ dns: { forwarders: ['192.0.2.53'], domain: 'corp.test' } }, { specHash: 'v1:new' });
    const facts = { records: [record(frontKey, { lastApplied: network().spec })] };
    const { verdicts, change } = diffNetwork(desired, observedNetwork({ namesHash: noNames }), view(facts));
    expect(verdicts.get(frontKey)).toMatchObject({ is: 'changing', steps: [{ verb: 'update', reason: { code: 'NamesChanged' } }] });
    expect(change).toMatchObject({
      action: 'update',
      downtime: null,
      fields: [
        { path: 'dns.forwarders', from: [], to: ['192.0.2.53'], effect: 'in-place' },
        { path: 'dns.domain', from: null, to: 'corp.test', effect: 'in-place' },
      ],
    });
  });

  test('that nobody desires is removed by its link', () => {
    const { verdicts, change } = diffNetwork(null, observedNetwork(), view());
    const verdict = verdicts.get(frontKey);
    expect(verdict?.is === 'changing' ? verdict.steps[0]?.input : null).toEqual({ verb: 'remove', link: 'ts-front' });
    expect(change?.action).toBe('delete');
    expect(verdictOf(null, observedNetwork(), view())).toBe('remove down NotDesired');
  });
});
