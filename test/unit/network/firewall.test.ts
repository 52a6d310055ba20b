import { describe, expect, test } from 'vitest';
import { endpointsFor } from '../../../src/controllers/network/firewall.ts';
import type { Port } from '../../../src/model/spec.ts';
import { container, frontKey, instance, observedContainer } from '../../support/samples.ts';

describe('endpoints', () => {
  const port = (hostPort: number | null, hostIP: string | null = null): Port => ({
    name: null,
    containerPort: 80,
    hostPort,
    hostIP,
    protocol: 'tcp',
  });
  const leaseOf = (slot: number) => ({ addresses: { [frontKey]: `10.88.0.${slot + 1}` } });
  const addressOf = (slots: Parameters<typeof observedContainer>[0], published: readonly string[] = []) => {
    const desired = container({ replicas: 3, ports: [port(8080)] });
    const rows = published.map((address) => ({ protocol: 'tcp' as const, hostIP: null, hostPort: 8080, address, containerPort: 80 }));
    return endpointsFor(desired, observedContainer(slots, { published: rows }), leaseOf).map((endpoint) => endpoint.address);
  };

  test('are the published ports at the address of the slot', () => {
    const desired = container({ ports: [port(8080, '0.0.0.0'), port(8081, '127.0.0.1'), port(null)] });
    expect(endpointsFor(desired, null, leaseOf)).toEqual([
      { protocol: 'tcp', hostIP: null, hostPort: 8080, address: '10.88.0.2', containerPort: 80 },
      { protocol: 'tcp', hostIP: '127.0.0.1', hostPort: 8081, address: '10.88.0.2', containerPort: 80 },
    ]);
  });

  test('lead to the first slot that runs, and stay where they are while that runs', () => {
    const [one, two, three] = [1, 2, 3].map((slot) => instance({ slot }));
    const exited = instance({ slot: 1, phase: 'exited' });
    if (one === undefined || two === undefined || three === undefined) throw new Error('three slots');
    expect(addressOf([])).toEqual(['10.88.0.2']);
    expect(addressOf([exited, two, three])).toEqual(['10.88.0.3']);
    expect(addressOf([one, two, three], ['10.88.0.4'])).toEqual(['10.88.0.4']);
    expect(addressOf([one, two], ['10.88.0.4'])).toEqual(['10.88.0.2']);
    expect(addressOf([instance({ slot: 9 })])).toEqual(['10.88.0.2']);
    expect(addressOf([instance({ phase: 'backoff' }), two])).toEqual(['10.88.0.2']);
  });

  test('are none without a lease, without a bridge and while it is Stopped', () => {
    expect(endpointsFor(container({ ports: [port(1)] }), null, () => null)).toEqual([]);
    expect(endpointsFor(container({ ports: [port(1)], networkMode: 'host' }), null, leaseOf)).toEqual([]);
    expect(endpointsFor(container({ ports: [port(1)], state: 'Stopped' }), null, leaseOf)).toEqual([]);
  });
});
