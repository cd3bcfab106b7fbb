import { describe, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { CodeStage } from './code-stage.ts';
import type { CodeAnswer } from './ports.ts';

const SIZE = { cols: 80, rows: 24 };

class Asked {
  readonly clock = new FakeClock();
  readonly codes: string[] = [];
  readonly refused: string[] = [];
  proven = 0;
  answer: () => Promise<CodeAnswer> = () => Promise.resolve({ kind: 'accepted' });
  readonly stage: CodeStage;

  constructor(size: typeof SIZE | null = SIZE) {
    this.stage = new CodeStage({
      why: 'your address changed from 192.0.2.1 to 192.0.2.2.',
      size: size ?? undefined,
      clock: this.clock,
      verify: (code) => {
        this.codes.push(code);
        return this.answer();
      },
      onChange: () => {},
      onProven: () => {
        this.proven += 1;
      },
      onRefused: (why) => this.refused.push(why),
    });
  }

  async type(keys: string): Promise<void> {
    this.stage.input(Buffer.from(keys));
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }

  get screen(): string {
    return this.stage
      .picture(0)
      .rows.map((row) =>
        row.cells
          .map(({ text }) => text)
          .join('')
          .trimEnd(),
      )
      .join('\n');
  }
}

describe('the question for a code', () => {
  test('begins with Enter; what was typed for the session before is dropped', async () => {
    const asked = new Asked();
    await asked.type('rm -rf 111111');
    expect(asked.screen).toContain('your address changed from 192.0.2.1 to 192.0.2.2.');
    await asked.type('\r123456\r');
    expect(asked.codes).toEqual(['123456']);
    expect(asked.proven).toBe(1);
  });

  test('shows stars and never a digit of the code', async () => {
    const asked = new Asked();
    await asked.type('\r987');
    expect(asked.screen).toContain('Code: ***');
    expect(asked.screen).not.toMatch(/Code: .*\d/);
    await asked.type('\x7f\x7f');
    expect(asked.screen).toMatch(/Code: \*$/m);
  });

  test('wants all six digits, and asks again after a wrong code', async () => {
    const asked = new Asked();
    asked.answer = () => Promise.resolve({ kind: 'refused', why: 'wrong code' });
    await asked.type('\r123\r');
    expect(asked.codes).toEqual([]);
    expect(asked.screen).toContain('A code has six digits.');
    await asked.type('456\r');
    expect(asked.codes).toEqual(['123456']);
    expect(asked.refused).toEqual(['wrong code']);
    expect(asked.screen).toContain('That did not work: wrong code.');
    expect(asked.proven).toBe(0);
  });

  test.each<[string, Asked['answer']]>([
    ['throws', () => Promise.reject(new RangeError('no store'))],
    ['hangs', () => new Promise(() => undefined)],
  ])('a check that %s proves nothing', async (_name, answer) => {
    const asked = new Asked();
    asked.answer = answer;
    await asked.type('\r123456\r');
    asked.clock.advance(10_000);
    await asked.type('');
    expect(asked.proven).toBe(0);
    expect(asked.screen).toContain('it could not be checked');
    await asked.type('123456');
    expect(asked.screen).toContain('Code: ******');
  });

  test('keys while a code is checked, and after it was right, go nowhere', async () => {
    const asked = new Asked();
    await asked.type('\r123456\r654321\r');
    await asked.type('654321\r');
    expect(asked.codes).toEqual(['123456']);
    expect(asked.proven).toBe(1);
  });

  test('waits for the size of a client that has not said it', async () => {
    const asked = new Asked(null);
    expect(asked.stage.size).toBeUndefined();
    asked.stage.resize({ cols: 60, rows: 20 });
    expect(asked.stage.size).toEqual({ cols: 60, rows: 20 });
    expect(asked.screen).toContain('your address changed');
  });
});
