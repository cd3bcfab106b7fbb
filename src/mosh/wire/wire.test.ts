import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FragmentAssembly, splitIntoFragments } from './fragments.ts';
import { decodeHostMessage, encodeHostMessage } from './host-message.ts';
import { INFLATED_LIMIT, packInstruction, SHUTDOWN, unpackInstruction } from './instruction.ts';
import { openOcb, sealOcb } from './ocb.ts';
import { ocbFault } from './ocb-self-test.ts';
import { bytesField, readFields, varintField } from './protobuf.ts';
import { DATAGRAM_LIMIT, incomingSequence, SealedChannel } from './sealed-channel.ts';
import { countEvents, decodeUserMessage, encodeUserMessage, skipEvents } from './user-message.ts';

const KEY = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

describe('sealing', () => {
  test('this build passes the self-test', () => {
    expect(ocbFault()).toBeNull();
  });

  test('a build without the cipher, with wrong results, or that opens forged bytes does not', () => {
    const missing = (): never => {
      throw new Error('Unknown cipher');
    };
    const careless = (_key: Uint8Array, _nonce: Uint8Array, sealed: Uint8Array): Buffer => Buffer.from(sealed);
    expect(ocbFault({ seal: missing, open: openOcb })).toBe('this build of Node.js has no AES-128-OCB: Unknown cipher');
    for (const ocb of [
      { seal: () => Buffer.alloc(16), open: openOcb },
      { seal: sealOcb, open: () => undefined },
      { seal: sealOcb, open: careless },
    ]) {
      expect(ocbFault(ocb)).toBe('AES-128-OCB gives wrong results in this build of Node.js');
    }
  });

  test.each([
    ['BBAA99887766554433221100', '', '785407BFFFC8AD9EDCC5520AC9111EE6'],
    ['BBAA99887766554433221103', '0001020304050607', '45DD69F8F5AAE72414054CD1F35D82760B2CD00D2F99BFA9'],
  ])('RFC 7253 appendix A, nonce %s', (nonce, plaintext, sealed) => {
    const made = sealOcb(KEY, Buffer.from(nonce, 'hex'), Buffer.from(plaintext, 'hex'));
    expect(made.toString('hex').toUpperCase()).toBe(sealed);
  });

  test('any changed bit of a datagram is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (plaintext, place) => {
        const sealed = sealOcb(KEY, Buffer.alloc(12), plaintext);
        expect(openOcb(KEY, Buffer.alloc(12), sealed)?.equals(plaintext)).toBe(true);
        const bit = place % (sealed.length * 8);
        sealed[bit >> 3] = (sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(openOcb(KEY, Buffer.alloc(12), sealed)).toBeUndefined();
      }),
    );
  });

  test('numbers start at 0, rise by one, and carry the direction in the top bit', () => {
    const server = new SealedChannel(KEY, 'to-client');
    const client = new SealedChannel(KEY, 'to-server');
    expect([server.seal(Buffer.alloc(0)), server.seal(Buffer.alloc(0))].map((d) => d.toString('hex', 0, 8))).toEqual([
      '8000000000000000',
      '8000000000000001',
    ]);
    expect(client.seal(Buffer.alloc(0)).toString('hex', 0, 8)).toBe('0000000000000000');
    const opened = client.open(server.seal(Buffer.from('text')));
    expect(opened?.sequence).toBe(2);
    expect(opened?.plaintext.toString()).toBe('text');
  });

  test('a key that has protected all it may opens nothing, and seals little more', () => {
    const server = new SealedChannel(KEY, 'to-client', 10);
    const client = new SealedChannel(KEY, 'to-server');
    expect(server.open(client.seal(Buffer.alloc(140)))?.plaintext.length).toBe(140);
    expect(server.exhausted).toBe(false);
    server.seal(Buffer.alloc(1));
    expect(server.exhausted).toBe(true);
    expect(server.open(client.seal(Buffer.alloc(1)))).toBeUndefined();
    expect(() => server.seal(Buffer.alloc(16 * 2 ** 20))).toThrow('used up its key');
  });

  test('what is too short, too long, reflected or numbered beyond reason is not looked at', () => {
    const server = new SealedChannel(KEY, 'to-client');
    expect(server.open(Buffer.alloc(23))).toBeUndefined();
    expect(server.open(Buffer.alloc(DATAGRAM_LIMIT + 1))).toBeUndefined();
    expect(server.open(server.seal(Buffer.from('own')))).toBeUndefined();
    const huge = Buffer.alloc(40, 0x7f);
    expect(incomingSequence(huge, 'to-client')).toBeUndefined();
  });
});

describe('protocol buffers', () => {
  test('numbers survive, the end mark included', () => {
    const number = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 127, 128, 2 ** 32, SHUTDOWN));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), number, (field, value) => {
        expect(readFields(varintField(field, value))).toEqual([{ number: field, kind: 'varint', value }]);
      }),
    );
    expect(varintField(2, SHUTDOWN).toString('hex')).toBe('10ffffffffffffffffff01');
  });

  test('garbage is refused or read, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const message = Buffer.from(bytes);
        readFields(message);
        decodeUserMessage(message);
        decodeHostMessage(message);
        unpackInstruction(message);
        unpackInstruction(deflateSync(message));
      }),
    );
  });

  test('unknown fields are skipped, numbers beyond 2^53 are refused', () => {
    const unknown = Buffer.concat([
      varintField(99, 1),
      Buffer.from('0d01020304', 'hex'),
      bytesField(98, Buffer.from('x')),
    ]);
    expect(readFields(unknown)?.map((field) => field.number)).toEqual([99, 98]);
    expect(readFields(Buffer.from('08ffffffffffffffff7f', 'hex'))).toBeUndefined();
    expect(readFields(Buffer.from('0aff', 'hex'))).toBeUndefined();
  });
});

describe('instructions', () => {
  const instruction = { oldNumber: 3, newNumber: SHUTDOWN, ackNumber: 7, throwawayNumber: 2, diff: Buffer.from('d') };

  test('come back as they were, though no two look alike', () => {
    expect(unpackInstruction(packInstruction(instruction))).toEqual(instruction);
    const packed = new Set(Array.from({ length: 20 }, () => packInstruction(instruction).toString('hex')));
    expect(packed.size).toBeGreaterThan(10);
  });

  test('another version and a bomb are refused', () => {
    expect(unpackInstruction(deflateSync(varintField(1, 3)))).toBeUndefined();
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024));
    expect(unpackInstruction(bomb)).toBeUndefined();
    expect(bomb.length).toBeLessThan(INFLATED_LIMIT);
  });
});

describe('fragments', () => {
  test('any order, with repetitions, gives the payload once it is complete', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 5000 }),
        fc.integer({ min: 1, max: 1300 }),
        fc.nat(),
        (bytes, size, seed) => {
          const fragments = splitIntoFragments(2 ** 33 + 1, bytes, size);
          const mixed = [...fragments, ...fragments].sort(
            (a, b) => ((a.length * 31 + seed) % 7) - ((b.length * 17 + seed) % 5),
          );
          const assembly = new FragmentAssembly();
          const whole = mixed.map((fragment) => assembly.add(fragment)).find((joined) => joined !== undefined);
          expect(whole?.equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('a fragment of another instruction drops what was there', () => {
    const assembly = new FragmentAssembly();
    const [a0, a1] = splitIntoFragments(1, Buffer.from('abcd'), 2);
    const [b0] = splitIntoFragments(2, Buffer.from('xyz1'), 2);
    expect([a0, b0, a1].map((fragment) => fragment && assembly.add(fragment))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(a0 && assembly.add(a0)?.toString()).toBe('abcd');
  });

  test('a repeated set of the same id completes again, so that a lost acknowledgement can be made good', () => {
    const assembly = new FragmentAssembly();
    const fragments = splitIntoFragments(1, Buffer.from('abcd'), 2);
    const complete = (): (string | undefined)[] => fragments.map((fragment) => assembly.add(fragment)?.toString());
    expect(complete()).toEqual([undefined, 'abcd']);
    expect(complete()).toEqual([undefined, 'abcd']);
  });

  test('numbers and sizes beyond every instruction are refused', () => {
    const assembly = new FragmentAssembly();
    const header = Buffer.alloc(11);
    header.writeUInt16BE(0x7fff, 8);
    expect(assembly.add(header)).toBeUndefined();
    expect(assembly.add(Buffer.alloc(9))).toBeUndefined();
  });
});

describe('input messages', () => {
  test('events are counted by key and skipped by key', () => {
    const inputs = [
      { kind: 'resize', cols: 80, rows: 24 },
      { kind: 'keys', bytes: Buffer.from('abc') },
    ] as const;
    const decoded = decodeUserMessage(encodeUserMessage(inputs)) ?? [];
    expect(decoded).toEqual(inputs);
    expect(countEvents(decoded)).toBe(4);
    expect(skipEvents(decoded, 2)).toEqual([{ kind: 'keys', bytes: Buffer.from('bc') }]);
    expect(skipEvents(decoded, 9)).toEqual([]);
  });
});

describe('screen messages', () => {
  test('come back as they were', () => {
    const instructions = [
      { kind: 'echo-ack', number: 5 },
      { kind: 'resize', cols: 80, rows: 24 },
      { kind: 'bytes', bytes: Buffer.from('text') },
    ] as const;
    expect(decodeHostMessage(encodeHostMessage(instructions))).toEqual(instructions);
  });
});
