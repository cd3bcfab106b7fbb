/** The gate against random bytes from both ends, and the sessions with which they once got through. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HostileEvent, hostileSession, playHostile } from '../../gate/hostile.ts';

const user = (bytes: string): HostileEvent => ({ kind: 'user', bytes });
const target = (bytes: string): HostileEvent => ({ kind: 'target', bytes });
const pass = (ms: number): HostileEvent => ({ kind: 'pass', ms });

const ONCE_BROKEN: Readonly<Record<string, readonly HostileEvent[]>> = {
  'keys behind one that may have run the line': [
    ...[user('\x19'), user('r'), user('\x1b]\x15rm -rf /srv\r'), pass(40), target('root@web2:~# ')],
  ],
  'the same, and the screen is reset': [
    ...[user('\x1b[1;1R'), user('\x1b]\x15rm -rf /srv\r'), pass(40), target('\x1bc')],
  ],
  'a full-screen program appears before the echo': [user('\x12'), user('rm -rf /srv\n'), target('\x1b[?1049h')],
  'text is moved into the prompt': [
    ...[user('rm -rf /srv'), target('\b \b'), pass(300), user('\x12'), user('echo a\r'), pass(40)],
  ],
  'the prompt is written over after a resize': [
    ...[user('rm -rf /srv'), pass(300), user('\x17'), user('\r')],
    ...[{ kind: 'resize', cols: 11, rows: 3 } as const, target('Password: ')],
  ],
  'a full-screen program ends between the keys and Enter': [
    ...[target('\x1b[?1049h'), user('\x1bP\x15rm -rf /srv\r'), target('\x1b[?1049l')],
  ],
  'a full-screen program ends behind what was typed': [
    ...[target('\x1b[?1049h'), user('rm -rf /srv'), pass(40), target('\x1b[?1049l'), pass(300), user('\r')],
  ],
  'keys behind a soft submission in a full-screen program': [
    ...[target('\x1b[?1049h'), user('\x1b]\x15rm -rf /srv\r'), { kind: 'resize', cols: 10, rows: 26 } as const],
    target('echo a'),
  ],
};

describe('what got through once', () => {
  test.each(Object.entries(ONCE_BROKEN))('%s', async (_, events) => {
    expect(await playHostile(events)).toBeNull();
  });
});

// The same sessions each time and no second try: new ones are looked for by `npm run gate:fuzz -- --hostile`.
const SEED = 1011;

test('random bytes from both ends get nothing past the gate', { timeout: 60_000, retry: 0 }, async () => {
  const property = fc.asyncProperty(hostileSession, async (events) => (await playHostile(events)) === null);
  await fc.assert(property, { numRuns: 400, seed: SEED });
});
