/**
 * Random bytes from the user and from the target at once, against a gate with the real line tracker in front of a
 * paper shell. Nobody ever approves anything, so: no key is released, no line that was plainly typed and is
 * flagged reaches the shell's Enter, and nothing throws.
 */
import fc from 'fast-check';
import { LineTracker } from '../../src/terminal/line-tracker.ts';
import { GateBed } from '../support/gate-bed.ts';
import { decideAbout } from '../support/gate-parts.ts';

export type HostileEvent =
  | { readonly kind: 'user'; readonly bytes: string }
  | { readonly kind: 'target'; readonly bytes: string }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'resize'; readonly cols: number; readonly rows: number };

const junk = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 12,
});

const USER_PIECES = [
  ...[
    'rm -rf /srv',
    'rm -rf /srv\r',
    'rm -rf /srv\n',
    'echo a',
    'echo a\r',
    '\r',
    '\r',
    '\n',
    '\x0f',
    ' ',
    'r',
    'm -rf /x',
  ],
  ...['\x7f', '\x15', '\x03', '\x1b', '\x1b[D', '\x1b[C', '\x1b[A', '\t', '\x12', '\x17', '\x19', '\x04', '\x18\x05'],
  ...['\x1b[200~rm -rf /srv\r\x1b[201~', '\x1b[200~', '\x1b[201~', '\x1b]11;rgb:0000\x1b\\', '\x1b[?62c', '\x1b[1;1R'],
  ...[
    '\x1b]\x15rm -rf /srv\r',
    '\x1bP\x15rm -rf /srv\r\x1b\\',
    '\x1b[13;5u',
    '\x1bOM',
    '\x1b[27;5;13~',
    '123456\r',
    '000000',
  ],
];
const TARGET_PIECES = [
  ...[
    'root@web2:~# ',
    '\r\nroot@web2:~# ',
    '\r\n',
    '\r',
    'rm -rf /srv',
    'echo a',
    '\x1b[2K\r',
    '\x1b[H\x1b[2J',
    '\x1b[K',
  ],
  ...['\x1b[?2004h', '\x1b[?2004l', '\x1b[?1049h', '\x1b[?1049l', '\x1b]133;A\x07', '\x1b]133;B\x07', '\x1b]133;C\x07'],
  ...[
    '\x1b]133;D;0\x07',
    '\x1b[c',
    '\x1b[6n',
    '\x1b]11;?\x07',
    '\x1b[1A',
    '\x1b[8D',
    '\x1b7',
    '\x1b8',
    '\x1bc',
    '\x1b[!p',
  ],
  ...[
    '\x1b[2m',
    '\x1b[0m',
    '\x1b[5;10r',
    '\x1b[?25l',
    '\x1b[?1000h',
    '> ',
    'Password: ',
    "(reverse-i-search)`': ",
    '\b \b',
  ],
];

const event: fc.Arbitrary<HostileEvent> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...USER_PIECES).map((bytes) => ({ kind: 'user', bytes }) as const) },
  { weight: 1, arbitrary: junk.map((bytes) => ({ kind: 'user', bytes }) as const) },
  { weight: 4, arbitrary: fc.constantFrom(...TARGET_PIECES).map((bytes) => ({ kind: 'target', bytes }) as const) },
  { weight: 1, arbitrary: junk.map((bytes) => ({ kind: 'target', bytes }) as const) },
  { weight: 3, arbitrary: fc.constantFrom(0, 5, 40, 300).map((ms) => ({ kind: 'pass', ms }) as const) },
  {
    weight: 1,
    arbitrary: fc
      .record({ cols: fc.integer({ min: 10, max: 120 }), rows: fc.integer({ min: 3, max: 40 }) })
      .map((size) => ({ kind: 'resize', ...size }) as const),
  },
);

/** Events of one session. */
export const hostileSession: fc.Arbitrary<readonly HostileEvent[]> = fc.array(event, { minLength: 4, maxLength: 24 });

/** Whose line editor the user has: the target's, or the bastion's (strict line mode). */
export type HostileMode = 'keys' | 'strict';

/** @returns what went wrong in the session, in words; null when nothing did */
export async function playHostile(events: readonly HostileEvent[], mode: HostileMode = 'keys'): Promise<string | null> {
  const bed = new GateBed({
    strict: mode === 'strict',
    tracker: (emulator, clock) => new LineTracker({ emulator, clock, roundTrip: () => 1 }),
  });
  bed.judge = (text, { confidence }) => {
    const held = text.includes('rm -rf') || confidence === 'opaque';
    return Promise.resolve(decideAbout(held ? 'rm' : 'echo', bed.requirement, bed.policyHash));
  };
  try {
    await bed.pass(20);
    for (const one of events) await act(bed, one);
    // A line that waits for a prompt gets one now, if anything there looks like one.
    await bed.pass(mode === 'strict' ? 1500 : 500);
  } catch (failure) {
    return `it threw: ${failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)}`;
  } finally {
    bed.gate.close('over');
  }
  if (bed.released.length > 0) return 'a key was released though nobody had approved';
  const wrong = (line: string): boolean =>
    line.includes('rm -rf') ||
    (mode === 'strict' && line.trim() !== '' && !bed.judged.some((text) => text.trim() === line.trim()));
  const ran = bed.executed.filter(wrong);
  return ran.length === 0 ? null : `the shell was given ${JSON.stringify(ran)}`;
}

async function act(bed: GateBed, one: HostileEvent): Promise<void> {
  switch (one.kind) {
    case 'user':
      bed.gate.input(Buffer.from(one.bytes, 'latin1'));
      return;
    case 'target':
      bed.output(one.bytes);
      return;
    case 'resize':
      bed.gate.resize({ cols: one.cols, rows: one.rows });
      return;
    case 'pass':
      await bed.pass(one.ms);
      return;
  }
}

/** Plays sessions until the time is over. @returns the exit code */
export async function runHostile(
  seed: number,
  until: number,
  say: (line: string) => void,
  mode: HostileMode,
): Promise<number> {
  let played = 0;
  let broken = 0;
  for (let lot = 0; performance.now() < until; lot += 1) {
    for (const events of fc.sample(hostileSession, { numRuns: 100, seed: seed + lot })) {
      if (performance.now() >= until) break;
      played += 1;
      const fault = await playHostile(events, mode);
      if (fault === null) continue;
      broken += 1;
      say(`${fault}\n  seed ${seed + lot}: ${JSON.stringify(await smallest(events, mode))}`);
    }
  }
  say(`${played} hostile sessions, ${broken} violations, seed ${seed}`);
  return broken === 0 ? 0 : 1;
}

/** The session without the events that the fault does not need. */
async function smallest(events: readonly HostileEvent[], mode: HostileMode): Promise<readonly HostileEvent[]> {
  let left = events;
  for (let at = 0; at < left.length; ) {
    const without = left.filter((_, index) => index !== at);
    if ((await playHostile(without, mode)) === null) at += 1;
    else left = without;
  }
  return left;
}
