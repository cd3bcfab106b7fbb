import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExecRequest, parseModes, parsePtyRequest } from './request-payload.ts';

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}

function request(type: string, ...rest: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([98]), number(7), string(type), Buffer.from([1]), ...rest]);
}

describe('terminal modes', () => {
  test('all of OpenSSH arrive by name, with their whole value', () => {
    const encoded = Buffer.concat(
      [
        [1, 3],
        [42, 1],
        [53, 1],
        [128, 38400],
        [3, 0xff000000],
      ].map(([mode, value]) => Buffer.concat([Buffer.from([mode ?? 0]), number(value ?? 0)])),
    );
    expect(parseModes(Buffer.concat([encoded, Buffer.from([0])]))).toEqual({
      VINTR: 3,
      IUTF8: 1,
      ECHO: 1,
      TTY_OP_ISPEED: 38400,
      VERASE: 0xff000000,
    });
  });

  test('unknown ones are left out; undefined opcodes and the end stop the reading', () => {
    const after = Buffer.concat([Buffer.from([53]), number(1)]);
    expect(parseModes(Buffer.concat([Buffer.from([99]), number(1), after]))).toEqual({ ECHO: 1 });
    expect(parseModes(Buffer.concat([Buffer.from([200]), number(1), after]))).toEqual({});
    expect(parseModes(Buffer.concat([Buffer.from([0]), after]))).toEqual({});
  });

  test('any bytes are read without a failure', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void parseModes(Buffer.from(bytes))));
  });
});

describe('requests', () => {
  test('a terminal', () => {
    const payload = request(
      'pty-req',
      string('xterm'),
      number(80),
      number(24),
      number(640),
      number(480),
      string(Buffer.from([53, 0, 0, 0, 1, 0])),
    );
    expect(parsePtyRequest(payload)).toEqual({
      recipient: 7,
      type: 'pty-req',
      wantReply: true,
      data: { term: 'xterm', cols: 80, rows: 24, width: 640, height: 480, modes: { ECHO: 1 } },
    });
  });

  test('a command keeps its bytes, and does not share them', () => {
    const command = Buffer.from([0x65, 0xff, 0xfe, 0x00]);
    const payload = request('exec', string(command));
    const parsed = parseExecRequest(payload);
    payload.fill(0);
    expect(parsed?.data).toEqual(command);
  });

  test.each(['shell', 'env', 'window-change', 'exec-more'])('%s is left to the package', (type) => {
    expect(parsePtyRequest(request(type, string('x')))).toBeNull();
    expect(parseExecRequest(request(type, string('x')))).toBeNull();
  });

  test('torn payloads are left to the package', () => {
    const whole = request(
      'pty-req',
      string('xterm'),
      number(80),
      number(24),
      number(0),
      number(0),
      string(Buffer.from([0])),
    );
    for (let length = 0; length < whole.length; length += 1)
      expect(parsePtyRequest(whole.subarray(0, length))).toBeNull();
    const command = request('exec', string('true'));
    for (let length = 0; length < command.length; length += 1)
      expect(parseExecRequest(command.subarray(0, length))).toBeNull();
  });
});
