/** Strangers, replays and floods at a port with many connections. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import type { PeerAddress } from '../attachment.ts';
import type { Heard } from '../transport/transport.ts';
import { sealOcb } from '../wire/ocb.ts';
import { type OpenedDatagram, SealedChannel } from '../wire/sealed-channel.ts';
import { networkOf, plainAddress } from './address.ts';
import { Demultiplexer, type Member } from './demultiplexer.ts';

const HOME: PeerAddress = { address: '192.0.2.1', port: 4000 };
const ELSEWHERE: PeerAddress = { address: '203.0.113.9', port: 9 };

/** A connection that counts, with the client's end beside it. */
class CountedMember implements Member {
  readonly client: SealedChannel;
  readonly taken: string[] = [];
  trials = 0;
  expectedSequence = 0;
  address: PeerAddress | undefined;
  readonly #key: Buffer = randomBytes(16);
  readonly #server: SealedChannel;

  constructor() {
    this.client = new SealedChannel(this.#key, 'to-server');
    this.#server = new SealedChannel(this.#key, 'to-client');
  }

  /** What its client would send as the datagram of this number. */
  sealedAt(sequence: number): Buffer {
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64BE(BigInt(sequence), 4);
    return Buffer.concat([nonce.subarray(4), sealOcb(this.#key, nonce, Buffer.from('x'))]);
  }

  open(datagram: Buffer): OpenedDatagram | undefined {
    this.trials += 1;
    return this.#server.open(datagram);
  }

  receive({ sequence, plaintext }: OpenedDatagram, from: PeerAddress): Heard {
    this.taken.push(plaintext.toString());
    if (sequence < this.expectedSequence) return 'late';
    this.expectedSequence = sequence + 1;
    this.address = from;
    return 'newer';
  }
}

function crowd(count: number): {
  demultiplexer: Demultiplexer;
  members: CountedMember[];
  clock: FakeClock;
  trials: () => number;
} {
  const clock = new FakeClock();
  const demultiplexer = new Demultiplexer(clock);
  const members = Array.from({ length: count }, () => new CountedMember());
  for (const member of members) demultiplexer.add(member);
  return { demultiplexer, members, clock, trials: () => members.reduce((sum, member) => sum + member.trials, 0) };
}

function said(member: CountedMember, text: string): Buffer {
  return member.client.seal(Buffer.from(text));
}

function junk(sequence: bigint): Buffer {
  const bytes = randomBytes(80);
  bytes.writeBigUInt64BE(sequence, 0);
  return bytes;
}

describe('finding the connection', () => {
  test('by key, then by address, without another trial', () => {
    const { demultiplexer, members, trials } = crowd(20);
    const [first, second] = members;
    if (first === undefined || second === undefined) throw new TypeError('the crowd is empty');
    demultiplexer.receive(said(second, 'hello'), HOME);
    expect(second.taken).toEqual(['hello']);
    const before = trials();
    demultiplexer.receive(said(second, 'again'), HOME);
    expect(trials()).toBe(before + 1);
    demultiplexer.receive(said(second, 'moved'), ELSEWHERE);
    demultiplexer.receive(said(second, 'settled'), ELSEWHERE);
    expect(second.taken).toEqual(['hello', 'again', 'moved', 'settled']);
    expect(demultiplexer.knownAddresses).toBe(1);
    expect(first.taken).toEqual([]);
  });

  test('likely numbers first: a thousand connections cost few trials', () => {
    const { demultiplexer, members, clock } = crowd(1000);
    members.forEach((member, index) => {
      member.expectedSequence = index * 300;
      member.address = { address: `10.0.${index >> 8}.${index & 255}`, port: 1 };
    });
    let most = 0;
    for (let round = 0; round < 20; round += 1) {
      clock.advance(1000);
      const member = members[(round * 47 + 500) % 1000];
      if (member === undefined) continue;
      const before = members.reduce((sum, one) => sum + one.trials, 0);
      demultiplexer.receive(member.sealedAt(member.expectedSequence + 1), {
        address: `198.51.100.${round}`,
        port: round + 1,
      });
      most = Math.max(most, members.reduce((sum, one) => sum + one.trials, 0) - before);
    }
    expect(most).toBeLessThanOrEqual(4);
  });

  test('a replay from elsewhere changes no address', () => {
    const { demultiplexer, members } = crowd(2);
    const [member] = members;
    if (member === undefined) throw new TypeError('the crowd is empty');
    const recorded = said(member, 'one');
    demultiplexer.receive(recorded, HOME);
    demultiplexer.receive(said(member, 'two'), HOME);
    demultiplexer.receive(recorded, ELSEWHERE);
    expect(member.address).toEqual(HOME);
    expect(demultiplexer.knownAddresses).toBe(1);
    const trials = member.trials;
    demultiplexer.receive(said(member, 'three'), HOME);
    expect(member.trials).toBe(trials + 1);
  });

  test('two clients behind one address and port after each other', () => {
    const { demultiplexer, members } = crowd(2);
    const [first, second] = members;
    if (first === undefined || second === undefined) throw new TypeError('the crowd is empty');
    demultiplexer.receive(said(first, 'a'), HOME);
    demultiplexer.receive(said(second, 'b'), HOME);
    demultiplexer.receive(said(first, 'c'), HOME);
    expect([first.taken, second.taken]).toEqual([['a', 'c'], ['b']]);
  });

  test('what stands in the place of a connection inherits its address', () => {
    const { demultiplexer, members } = crowd(1);
    const [member] = members;
    if (member === undefined) throw new TypeError('the crowd is empty');
    demultiplexer.receive(said(member, 'a'), HOME);
    const heir = new CountedMember();
    demultiplexer.replace(member, heir);
    demultiplexer.receive(said(member, 'b'), HOME);
    expect(heir.trials).toBeGreaterThan(0);
    demultiplexer.remove(heir);
    expect(demultiplexer.knownAddresses).toBe(0);
  });
});

describe('strangers', () => {
  test('ten thousand junk datagrams: bounded trials, nothing kept, the known client is served', () => {
    const { demultiplexer, members, clock, trials } = crowd(50);
    const [known] = members;
    if (known === undefined) throw new TypeError('the crowd is empty');
    demultiplexer.receive(said(known, 'before'), HOME);
    clock.advance(1000);
    const before = trials();
    for (let count = 0; count < 10_000; count += 1) {
      const from = { address: `203.0.${count % 250}.${count % 199}`, port: 1 + (count % 60_000) };
      demultiplexer.receive(junk(BigInt(count % 50)), from);
    }
    expect(trials() - before).toBeLessThanOrEqual(2000);
    expect(demultiplexer.knownAddresses).toBe(1);
    expect(demultiplexer.refused).toBe(10_000);
    demultiplexer.receive(said(known, 'after'), HOME);
    expect(known.taken).toEqual(['before', 'after']);
  });

  test('one network cannot use up the budget of the others', () => {
    const { demultiplexer, members, trials } = crowd(50);
    for (let count = 0; count < 1000; count += 1)
      demultiplexer.receive(junk(0n), { address: `203.0.113.${count % 250}`, port: 7 });
    expect(trials()).toBe(200);
    const [member] = members;
    if (member === undefined) throw new TypeError('the crowd is empty');
    demultiplexer.receive(said(member, 'roamed'), HOME);
    expect(member.taken).toEqual(['roamed']);
  });

  test('truncated, oversized and reflected datagrams cost no trial', () => {
    const { demultiplexer, members, trials } = crowd(3);
    const [member] = members;
    if (member === undefined) throw new TypeError('the crowd is empty');
    demultiplexer.receive(said(member, 'x').subarray(0, 23), HOME);
    demultiplexer.receive(randomBytes(3000), HOME);
    demultiplexer.receive(junk(2n ** 63n), HOME);
    expect(trials()).toBe(0);
    expect(demultiplexer.refused).toBe(3);
  });
});

describe('addresses', () => {
  test.each([
    ['192.0.2.77', '192.0.2'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('%s is in %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test('mapped addresses are IPv4', () => {
    expect(plainAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(plainAddress('2001:db8::1')).toBe('2001:db8::1');
  });
});
