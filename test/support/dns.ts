import type { TestHost } from './host.ts';

export interface DnsAnswer {
  readonly rcode: number;
  readonly truncated: boolean;
  readonly authority: number;
  /** Texts of A and PTR records, in the order of the message. */
  readonly answers: readonly string[];
}

/** Asks one question and prints what came, as JSON; `null` after six seconds of silence. Arguments: server, name, type, udp or tcp. */
const client = `
  const [server, name, kind, transport] = process.argv.slice(1);
  const types = { A: 1, PTR: 12, AAAA: 28 };
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  const query = Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, types[kind], 0, 1]);
  const nameAt = (bytes, at, parts = []) => {
    while (bytes[at] !== 0) {
      if (bytes[at] >= 0xc0) return nameAt(bytes, bytes.readUInt16BE(at) & 0x3fff, parts);
      parts.push(bytes.toString('latin1', at + 1, at + 1 + bytes[at]));
      at += 1 + bytes[at];
    }
    return parts.join('.');
  };
  const skip = (bytes, at) => {
    while (bytes[at] !== 0 && bytes[at] < 0xc0) at += 1 + bytes[at];
    return bytes[at] === 0 ? at + 1 : at + 2;
  };
  const show = (bytes) => {
    const answers = [];
    let at = skip(bytes, 12) + 4;
    for (let left = bytes.readUInt16BE(6); left > 0; left--) {
      at = skip(bytes, at);
      const type = bytes.readUInt16BE(at);
      if (type === 1) answers.push([...bytes.subarray(at + 10, at + 14)].join('.'));
      if (type === 12) answers.push(nameAt(bytes, at + 10));
      at += 10 + bytes.readUInt16BE(at + 8);
    }
    console.log(JSON.stringify({ rcode: bytes[3] & 15, truncated: (bytes[2] & 2) !== 0, authority: bytes.readUInt16BE(8), answers }));
    process.exit();
  };
  setTimeout(() => { console.log('null'); process.exit(); }, 6000);
  if (transport === 'udp') {
    const socket = require('node:dgram').createSocket('udp4');
    socket.on('message', show);
    socket.on('error', () => undefined);
    socket.send(query, 53, server);
  } else {
    const socket = require('node:net').connect(53, server);
    let all = Buffer.alloc(0);
    socket.on('data', (data) => {
      all = Buffer.concat([all, data]);
      if (all.length > 2 && all.length >= 2 + all.readUInt16BE(0)) show(all.subarray(2));
    });
    socket.on('error', () => undefined);
    socket.write(Buffer.concat([Buffer.from([0, query.length]), query]));
  }
`;

/**
 * Answers every question with 192.0.2.77, over UDP and TCP at the address that is its argument; one for `big…` with a hundred addresses, which over UDP are cut off. Prints
 * `serving`.
 */
export const upstreamServer = `
  const [address] = process.argv.slice(1);
  const answer = (query, limit) => {
    let end = 12;
    while (query[end] !== 0) end += 1 + query[end];
    const count = query.toString('latin1', 13, 16) === 'big' ? 100 : 1;
    const record = (last) => Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, last]);
    const records = Array.from({ length: count }, (_, index) => record(count === 1 ? 77 : index));
    const fits = end + 5 + 16 * count <= limit;
    const header = Buffer.from([query[0], query[1], fits ? 0x81 : 0x83, 0x80, 0, 1, 0, fits ? count : 0, 0, 0, 0, 0]);
    return Buffer.concat([header, query.subarray(12, end + 5), ...(fits ? records : [])]);
  };
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', (query, from) => socket.send(answer(query, 512), from.port, from.address));
  const server = require('node:net').createServer((connection) => {
    connection.on('error', () => undefined);
    connection.on('data', (data) => {
      const message = answer(data.subarray(2), 65535);
      connection.write(Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]));
    });
  });
  socket.bind(53, address, () => server.listen(53, address, () => console.log('serving')));
`;

export interface Question {
  /** A process in whose network namespace the question is asked; none: the host. */
  readonly pid?: number | undefined;
  readonly server: string;
  readonly name: string;
  readonly kind?: 'A' | 'AAAA' | 'PTR';
  readonly transport?: 'udp' | 'tcp';
}

/** What a name server answers; null: nothing. */
export function askDns(host: TestHost, { pid, server, name, kind = 'A', transport = 'udp' }: Question): DnsAnswer | null {
  const enter = pid === undefined ? [] : ['nsenter', `--net=/proc/${pid}/ns/net`];
  const [command = '', ...args] = [...enter, process.execPath, '-e', client, server, name, kind, transport];
  return JSON.parse(host.inNetwork(command, args)) as DnsAnswer | null;
}
