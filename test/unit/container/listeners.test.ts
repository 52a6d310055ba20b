import { expect, test } from 'vitest';
import { conflictWith, parseSockets } from '../../../src/controllers/container/listeners.ts';

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (local: string, remote: string, state: string, inode: string) =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0`;

test('only sockets that keep a port are listeners', () => {
  const tcp = [head, row('0100007F:1F90', '00000000:0000', '0A', '41'), row('0100007F:0050', '0100007F:C001', '01', '42'), ''].join('\n');
  expect(parseSockets(tcp, 'tcp')).toEqual([{ protocol: 'tcp', address: '127.0.0.1', port: 8080, inode: '41' }]);
  const udp = [head, row('00000000:0035', '00000000:0000', '07', '43'), row('0200580A:9C40', '08080808:0035', '07', '44')].join('\n');
  expect(parseSockets(udp, 'udp')).toEqual([{ protocol: 'udp', address: '0.0.0.0', port: 53, inode: '43' }]);
});

test.each([
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000001000000', '::1'],
  ['0000000000000000FFFF00000100007F', '127.0.0.1'],
  ['B80D0120000000000000000001000000', '2001:db8:0:0:0:0:0:1'],
])('the IPv6 words %s are %s', (hex, address) => {
  const [listener] = parseSockets([head, row(`${hex}:0050`, '00000000000000000000000000000000:0000', '0A', '1')].join('\n'), 'tcp');
  expect(listener?.address).toBe(address);
});

test('a listener meets an endpoint on the same port, unless both name different addresses', () => {
  const on = (address: string) => [{ protocol: 'tcp' as const, address, port: 8080, inode: '1' }];
  const endpoint = (hostIP: string | null) => ({ protocol: 'tcp' as const, hostIP, hostPort: 8080 });
  expect(conflictWith(endpoint(null), on('127.0.0.1'))).not.toBeNull();
  expect(conflictWith(endpoint('127.0.0.1'), on('::'))).not.toBeNull();
  expect(conflictWith(endpoint('127.0.0.1'), on('127.0.0.1'))).not.toBeNull();
  expect(conflictWith(endpoint('127.0.0.1'), on('10.0.0.5'))).toBeNull();
  expect(conflictWith({ ...endpoint(null), protocol: 'udp' }, on('0.0.0.0'))).toBeNull();
  expect(conflictWith({ ...endpoint(null), hostPort: 8081 }, on('0.0.0.0'))).toBeNull();
});
