/** A leg with clients that speak the protocol, under a clock that the test moves. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ProtocolClient } from '../../test/support/protocol-client.ts';
import { FakeClock } from '../base/fake-clock.ts';
import type { TerminalSize } from '../model/session.ts';
import type { UserLegListener } from '../session/ports.ts';
import { Attachment, type AttachmentEnd, type DatagramPort, type PeerAddress } from './attachment.ts';
import { EntryStage } from './entry-stage.ts';
import { type LegEnd, MoshUserLeg } from './mosh-user-leg.ts';
import { Tombstone } from './server/tombstone.ts';
import { SealedChannel } from './wire/sealed-channel.ts';

const SIZE = { cols: 40, rows: 6 };
const HOUR = 3_600_000;
const HERE: PeerAddress = { address: '127.0.0.1', port: 1 };

class Heard implements UserLegListener {
  input = '';
  readonly sizes: TerminalSize[] = [];
  readonly events: string[] = [];

  onInput(bytes: Uint8Array): void {
    this.input += Buffer.from(bytes).toString();
  }

  onInputEnd(): void {
    this.events.push('input-end');
  }

  onResize(size: TerminalSize): void {
    this.sizes.push(size);
  }

  onSignal(): void {}

  onDrain(): void {}

  onPresence(presence: string): void {
    this.events.push(presence);
  }

  onClose(): void {
    this.events.push('close');
  }
}

class Table {
  readonly clock = new FakeClock();
  readonly heard = new Heard();
  readonly ends: LegEnd[] = [];
  readonly leg: MoshUserLeg;
  readonly #clients: ProtocolClient[] = [];

  constructor(detached = HOUR, keepsScreen = false) {
    this.leg = new MoshUserLeg({
      size: SIZE,
      clock: this.clock,
      detached,
      clipboard: true,
      keepsScreen,
      onPresence: () => {},
      onEnded: (why) => this.ends.push(why),
    });
  }

  /** A client, its attachment, and a path of 10 ms between them. */
  sit(blockLimit?: number): {
    client: ProtocolClient;
    attachment: Attachment;
    path: { cut: boolean };
    ends: AttachmentEnd[];
  } {
    const key = randomBytes(16);
    const path = { cut: false };
    const ends: AttachmentEnd[] = [];
    const later = (action: () => void): void => {
      if (!path.cut) this.clock.after(10, action);
    };
    const port: DatagramPort = { datagramBytes: 1252, send: (datagram) => later(() => client.receive(datagram)) };
    const stage = new EntryStage({ onReady: () => null, onChange: () => {} });
    const attachment: Attachment = new Attachment({
      channel: new SealedChannel(key, 'to-client', blockLimit),
      port,
      clock: this.clock,
      stage,
      listener: {
        allows: () => true,
        onMoved: () => {},
        onHeard: () => this.leg.heard(attachment),
        onEnd: (how) => {
          ends.push(how);
          const grave = new Tombstone(attachment.remains, how === 'left');
          deliver = (datagram) => {
            const opened = grave.open(datagram);
            if (opened !== undefined) grave.receive(opened, HERE);
          };
          this.leg.gone(attachment, how);
        },
      },
    });
    let deliver = (datagram: Buffer): void => {
      const opened = attachment.open(datagram);
      if (opened !== undefined) attachment.receive(opened, HERE);
    };
    const client = new ProtocolClient(key, this.clock, (datagram) => later(() => deliver(datagram)), SIZE);
    this.#clients.push(client);
    this.leg.drive(attachment);
    return { client, attachment, path, ends };
  }

  pass(ms: number): void {
    for (let step = 0; step < ms; step += 5) {
      this.clock.advance(5);
      for (const client of this.#clients) client.tick();
    }
  }

  write(text: string): void {
    this.leg.write(Buffer.from(text));
  }
}

describe('a session', () => {
  test('draws at the client, takes its keys, follows its size', () => {
    const table = new Table();
    const { client } = table.sit();
    table.leg.attach(table.heard);
    table.write('prompt$ ');
    table.pass(1000);
    expect(client.row(0)).toBe('prompt$');
    client.type('ls\r');
    client.resize(30, 5);
    table.pass(500);
    expect(table.heard.input).toBe('ls\r');
    expect(table.heard.sizes).toEqual([{ cols: 30, rows: 5 }]);
    expect(client.screen.size).toEqual({ cols: 30, rows: 5 });
    expect(table.leg.roundTrip).toBeGreaterThan(10);
  });

  test('the echo ack rises with what was typed and rests otherwise', () => {
    const table = new Table();
    const { client } = table.sit();
    table.leg.attach(table.heard);
    for (const key of 'typed') {
      client.type(key);
      table.pass(300);
    }
    const acks = [...client.echoAcks];
    expect(acks.length).toBeGreaterThanOrEqual(5);
    expect(acks).toEqual([...acks].sort((a, b) => a - b));
    table.pass(30_000);
    expect(client.echoAcks).toEqual(acks);
  });

  test('input waits until somebody listens and while it is paused, within bounds', () => {
    const table = new Table();
    const { client } = table.sit();
    table.leg.pauseInput();
    table.leg.attach(table.heard);
    client.type('early');
    table.pass(300);
    expect(table.heard.input).toBe('');
    table.leg.resumeInput();
    expect(table.heard.input).toBe('early');
    table.leg.pauseInput();
    for (let count = 0; count < 80; count += 1) table.leg.input(Buffer.alloc(1024, 97));
    expect(table.leg.hasRoom).toBe(false);
    client.type('late');
    table.pass(2000);
    table.leg.resumeInput();
    expect(table.leg.hasRoom).toBe(true);
    table.pass(2000);
    expect(table.heard.input.endsWith('late')).toBe(true);
  });

  test('answers queries as input, after the output was handled', () => {
    const table = new Table();
    table.sit();
    table.leg.attach(table.heard);
    table.write('\x1b[6n\x1b[c');
    expect(table.heard.input).toBe('');
    table.pass(5);
    expect(table.heard.input.split('\x1b')).toEqual(['', '[1;1R', expect.stringMatching(/^\[\?[\d;]+c$/)]);
  });
});

describe('looking back', () => {
  test('PageUp shows what has scrolled away, another key returns and is typed', () => {
    const table = new Table();
    const { client } = table.sit();
    table.leg.attach(table.heard);
    table.write(Array.from({ length: 20 }, (_, line) => `line ${line}`).join('\r\n'));
    table.pass(500);
    expect(client.row(0)).toBe('line 14');
    client.type('\x1b[5~');
    table.pass(500);
    expect(table.heard.input).toBe('\x1b[5~');
    table.leg.input(Buffer.from('\x1b[5~'));
    table.pass(500);
    expect(client.row(0)).toBe('line 10');
    expect(client.row(5)).toContain('4 lines back');
    table.leg.input(Buffer.from('\x1b[6~'));
    table.pass(500);
    expect(client.row(0)).toBe('line 14');
    table.leg.input(Buffer.from('\x1b[5~'));
    table.leg.input(Buffer.from('q'));
    table.pass(500);
    expect(client.row(0)).toBe('line 14');
    expect(table.heard.input).toBe('\x1b[5~q');
  });

  test('shows the same after a rest, and it can be looked at while the session rests', () => {
    const table = new Table();
    const { client } = table.sit();
    table.leg.attach(table.heard);
    table.write(Array.from({ length: 20 }, (_, line) => `line ${line}`).join('\r\n'));
    table.pass(500);
    table.leg.input(Buffer.from('\x1b[5~'));
    table.pass(500);
    expect(client.row(0)).toBe('line 10');
    table.pass(10_000);
    expect(client.row(0)).toBe('line 10');
    table.leg.input(Buffer.from('\x1b[5~'));
    table.pass(500);
    expect(client.row(0)).toBe('line 6');
    table.write('\r\nlater');
    table.pass(500);
    expect(client.row(5)).toBe('later');
  });

  test('anything new on the screen ends it', () => {
    const table = new Table();
    const { client } = table.sit();
    table.leg.attach(table.heard);
    table.write('\r\n'.repeat(20));
    table.leg.input(Buffer.from('\x1b[5~'));
    table.write('HELD');
    table.pass(500);
    expect(client.row(5)).toBe('HELD');
  });

  test('full-screen programs get the key themselves', () => {
    const table = new Table();
    table.sit();
    table.leg.attach(table.heard);
    table.write(`${'\r\n'.repeat(20)}\x1b[?1049h`);
    table.leg.input(Buffer.from('\x1b[5~'));
    expect(table.heard.input).toBe('\x1b[5~');
  });
});

describe('a last word of the bastion', () => {
  test('stays until a key is pressed', async () => {
    const table = new Table();
    const { client } = table.sit();
    table.leg.attach(table.heard);
    table.write('heldline: this session was ended: account disabled\r\n');
    const finished = table.leg.finish({ kind: 'code', code: 77 });
    table.pass(1000);
    expect(client.toldOfEnd).toBe(false);
    expect([0, 1, 2, 3].map((row) => client.row(row)).join('\n')).toContain('Press a key to close.');
    client.type('x');
    table.pass(500);
    // What waits for the key goes on in a microtask, then the goodbye needs the clock again.
    await Promise.resolve();
    await Promise.resolve();
    table.pass(1000);
    await finished;
    expect(client.toldOfEnd).toBe(true);
    expect(table.heard.input).toBe('');
  });
});

describe('what a command of the console wrote', () => {
  test('stays until a key is pressed', async () => {
    const table = new Table(HOUR, true);
    const { client } = table.sit();
    table.leg.attach(table.heard);
    table.write('nothing waits for you\r\n');
    const finished = table.leg.finish({ kind: 'code', code: 0 });
    table.pass(60_000);
    expect(client.toldOfEnd).toBe(false);
    client.type('x');
    table.pass(500);
    await Promise.resolve();
    await Promise.resolve();
    table.pass(1000);
    await finished;
    expect(client.toldOfEnd).toBe(true);
  });

  test('is not waited for when there is nothing', async () => {
    const table = new Table(HOUR, true);
    const { client } = table.sit();
    table.leg.attach(table.heard);
    table.write('gone\x1b[2J\x1b[H');
    const finished = table.leg.finish({ kind: 'code', code: 0 });
    table.pass(1000);
    await finished;
    expect(client.toldOfEnd).toBe(true);
  });
});

describe('presence', () => {
  test('a silent client is away after 20 s and back with its first word', () => {
    const table = new Table();
    const { path } = table.sit();
    table.leg.attach(table.heard);
    table.pass(10_000);
    expect(table.leg.presence).toBe('attached');
    path.cut = true;
    table.pass(15_000);
    expect(table.heard.events).toEqual([]);
    table.pass(10_000);
    expect(table.heard.events).toEqual(['detached']);
    path.cut = false;
    table.pass(5000);
    expect(table.heard.events).toEqual(['detached', 'attached']);
  });

  test('nobody for the whole time: the session ends, and output was drawn meanwhile', () => {
    const table = new Table(60_000);
    const { path } = table.sit();
    table.leg.attach(table.heard);
    table.pass(1000);
    path.cut = true;
    table.pass(30_000);
    expect(table.leg.write(Buffer.from('still recorded'))).toBe(true);
    table.pass(35_000);
    expect(table.ends).toEqual(['detached-too-long']);
    expect(table.heard.events).toEqual(['detached', 'close']);
  });
});

describe('the end', () => {
  test('of the program: the client sees the last screen and is told', async () => {
    const table = new Table();
    const { client, ends } = table.sit();
    table.leg.attach(table.heard);
    table.pass(500);
    table.write('bye');
    const finished = table.leg.finish({ kind: 'code', code: 0 });
    table.pass(1000);
    await finished;
    expect(client.row(0)).toBe('bye');
    expect(client.toldOfEnd).toBe(true);
    expect(ends).toEqual(['ended']);
    expect(table.ends).toEqual(['finished']);
    expect(table.heard.events).toEqual(['close']);
  });

  test('of the program while the client is in a tunnel: told when it comes out', async () => {
    const table = new Table();
    const { client, path } = table.sit();
    table.leg.attach(table.heard);
    table.pass(500);
    path.cut = true;
    const finished = table.leg.finish(null);
    table.pass(12_000);
    await finished;
    expect(client.toldOfEnd).toBe(false);
    path.cut = false;
    table.pass(5000);
    expect(client.toldOfEnd).toBe(true);
  });

  test('of the program long after the client fell silent: nobody is waited for in vain', async () => {
    const table = new Table();
    const { path } = table.sit();
    table.leg.attach(table.heard);
    table.pass(500);
    path.cut = true;
    table.pass(60_000);
    const finished = table.leg.finish(null);
    table.pass(11_000);
    await finished;
    expect(table.ends).toEqual(['finished']);
  });

  test('by the client', () => {
    const table = new Table();
    const { client, ends } = table.sit();
    table.leg.attach(table.heard);
    table.pass(500);
    client.leave();
    table.pass(1000);
    expect(ends).toEqual(['left']);
    expect(table.ends).toEqual(['client-left']);
    expect(table.heard.events).toEqual(['close']);
  });

  test('from outside is said once, whatever comes after', () => {
    const table = new Table();
    table.sit();
    table.leg.attach(table.heard);
    table.pass(500);
    table.leg.close();
    table.leg.close();
    table.write('nobody sees this');
    table.pass(2000);
    expect(table.ends).toEqual(['closed']);
    expect(table.heard.events).toEqual(['close']);
  });
});

describe('several clients', () => {
  test('a new one takes over the screen, the old one is told goodbye', () => {
    const table = new Table();
    const first = table.sit();
    table.leg.attach(table.heard);
    table.write('on the screen');
    table.pass(500);
    const second = table.sit();
    table.pass(1000);
    expect(second.client.row(0)).toBe('on the screen');
    expect(first.ends).toEqual(['ended']);
    expect(table.ends).toEqual([]);
    second.client.type('x');
    table.pass(300);
    expect(table.heard.input).toBe('x');
  });
});

describe('a key', () => {
  test('that has protected all it may ends its attachment; the session goes on with a fresh one', () => {
    const table = new Table();
    const { client, ends } = table.sit(200);
    table.leg.attach(table.heard);
    for (let line = 0; line < 60 && ends.length === 0; line += 1) {
      client.type('k');
      table.write(`line ${line}\r\n`);
      table.pass(100);
    }
    expect(ends).toEqual(['dropped']);
    client.type('late');
    table.pass(20_000);
    expect(table.heard.input).not.toContain('late');
    const second = table.sit();
    second.client.type('again');
    table.write('seen');
    table.pass(1000);
    expect(table.heard.input).toContain('again');
    expect(second.client.row(5)).toBe('seen');
  });
});
