import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { drawPanel, type PanelEntry, type PanelFrame, type PanelView } from './panel.ts';

const VIEW: PanelView = {
  id: '7KQ2',
  label: 'high, rm-recursive',
  why: 'Deletes a folder with everything in it.',
  command: 'rm -rf /srv/app',
  phrase: 'green teapot',
};

interface Drawing {
  readonly view?: Partial<PanelView>;
  readonly cols?: number;
  readonly rows?: number;
  readonly page?: number;
  readonly note?: string;
}

function draw(entry: PanelEntry, drawing: Drawing = {}): PanelFrame {
  const { view = {}, cols = 80, rows = 24, page = 0, note = null } = drawing;
  return drawPanel({ ...VIEW, ...view }, { entry, note, page, timeLeft: 118_000 }, { cols, rows });
}

function linesOf(frame: PanelFrame): string[] {
  return frame.lines.map((line) => line.map((span) => span.text).join(''));
}

function text(frame: PanelFrame): string {
  return linesOf(frame).join('\n');
}

describe('the panel', () => {
  test('asks for a code, with the command, the reason, the phrase and the time', () => {
    expect(linesOf(draw({ kind: 'code', digits: 4 }, { note: 'That code is not right. 2 tries left.' }))).toEqual([
      '+ HELD 7KQ2 ----------------------------------------------- high, rm-recursive +',
      '| rm -rf /srv/app                                                              |',
      '| Deletes a folder with everything in it.                                      |',
      '| Your code: *** *__                                 Esc cancels   ? why  1:58 |',
      '| That code is not right. 2 tries left.                                        |',
      '+--------------------------------------------------- your phrase: green teapot +',
    ]);
  });

  test.each([
    [0, 13],
    [3, 17],
    [6, 20],
  ])('puts the cursor behind %i digits', (digits, col) => {
    expect(draw({ kind: 'code', digits }).cursor).toEqual({ row: 3, col });
  });

  test.each<[PanelEntry, string]>([
    [{ kind: 'reason', text: 'INC-4711' }, 'Why do you need it? INC-4711_'],
    [{ kind: 'waiting', who: 'dba-leads: bob, carol' }, 'Waiting for dba-leads: bob, carol.'],
    [{ kind: 'ready', by: 'bob', comment: 'go' }, 'bob approved: "go". Enter runs it once, Esc drops it.'],
    [{ kind: 'ready', by: 'bob', comment: null }, 'bob approved. Enter runs it once, Esc drops it.'],
    [{ kind: 'message', text: 'please' }, 'Message: please_'],
    [{ kind: 'message', text: `${'x'.repeat(90)} end` }, 'xxxx end_'],
    [{ kind: 'busy' }, 'One moment.'],
  ])('says what it waits for: %o', (entry, said) => {
    expect(text(draw(entry))).toContain(said);
  });

  test.each<[PanelEntry, string]>([
    [{ kind: 'code', digits: 2 }, 'HELD 7KQ2 code? **'],
    [{ kind: 'reason', text: 'x' }, 'HELD 7KQ2 why? x'],
    [{ kind: 'waiting', who: 'bob' }, 'HELD 7KQ2 waiting  r m ? Esc'],
    [{ kind: 'message', text: 'hello' }, 'HELD 7KQ2 msg? hello'],
    [{ kind: 'ready', by: 'bob', comment: null }, 'HELD 7KQ2 Enter runs it'],
  ])('is one line on a narrow or low terminal: %o', (entry, line) => {
    expect(linesOf(draw(entry, { cols: 39 }))).toEqual([line]);
    expect(linesOf(draw(entry, { rows: 5 }))).toEqual([line]);
  });

  test('cuts the command into parts that together are all of it', () => {
    const command = Array.from({ length: 300 }, (_, index) => `word${index}`).join(' ');
    const { pages } = draw({ kind: 'code', digits: 0 }, { view: { command }, rows: 12 });
    expect(pages).toBeGreaterThan(1);
    const shown = Array.from({ length: pages }, (_, page) => {
      const lines = draw({ kind: 'code', digits: 0 }, { view: { command }, rows: 12, page }).lines;
      return lines.map((line) => (line[1]?.style === 'strong' ? line[1].text : '')).join('');
    });
    expect(shown.join('').replaceAll(/ HELD 7KQ2 |Your code: ___ ___/g, '')).toBe(command);
  });

  test('shows what hides, reorders or moves as escapes', () => {
    const shown = text(
      draw({ kind: 'code', digits: 0 }, { view: { command: 'rm\u202e -rf\x1b[2J\u200b', why: 'a\nb' } }),
    );
    expect(shown).toContain('rm\\u202e -rf\\x1b[2J\\u200b');
    expect(shown).toContain('a\\nb');
  });

  test('never shows a command that the target did not echo', () => {
    expect(text(draw({ kind: 'code', digits: 0 }, { view: { command: null } }))).toContain('did not show this line');
  });

  test('fills its frame exactly at every size, whatever the texts are', () => {
    const entry = fc.oneof(
      fc.record({ kind: fc.constant('code' as const), digits: fc.nat(6) }),
      fc.record({ kind: fc.constant('reason' as const), text: fc.string({ unit: 'binary', maxLength: 200 }) }),
      fc.record({ kind: fc.constant('message' as const), text: fc.string({ unit: 'binary', maxLength: 200 }) }),
      fc.record({ kind: fc.constant('waiting' as const), who: fc.string({ unit: 'grapheme', maxLength: 200 }) }),
    );
    const foreign = fc.string({ unit: 'grapheme', maxLength: 300 });
    const property = fc.property(
      entry,
      foreign,
      foreign,
      fc.integer({ min: 40, max: 200 }),
      (what, command, why, cols) => {
        const frame = draw(what, { view: { command, why, phrase: why, label: why }, cols, rows: 20 });
        expect(frame.lines.length).toBeLessThanOrEqual(20);
        for (const line of linesOf(frame)) expect(stringWidth(line)).toBe(cols);
        expect(linesOf(frame).join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      },
    );
    fc.assert(property, { numRuns: 100 });
  }, 60_000);
});
