/** Where a screen and the moment mislead: what random sessions on real shells have found. */
import { describe, expect, test } from 'vitest';
import { PaperTerminal, PROMPT, texts } from '../../test/support/paper-terminal.ts';

const HOME = '\x1b[H';
const ERASE_WORD = '\x17';
const UP = '\x1b[A';

describe('a line typed at once after an Enter', () => {
  test('is not taken for the line before while the answer is still on its way', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('ls one', 'ls one').types(HOME, `\r\x1b[${PROMPT.length}C`);
    await paper.submits();
    paper.types('echo two', '\x1b[?2004l').types(UP, '');
    paper.shows(`\r\n${PROMPT}`).shows('echo three');
    const { line } = await paper.reads();
    expect(line.text ?? '').not.toContain('ls one');
  });

  test('is read behind its own prompt, with what was typed before that was there', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('ls', 'ls');
    await paper.submits();
    paper.types('echo ', '').shows(`\r\n${PROMPT}`).types('two', 'echo two');
    const { line } = await paper.reads();
    expect(line).toMatchObject({ confidence: 'exact', text: 'echo two' });
  });

  test('goes on with the line before when that Enter ran nothing after all', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('ls a', 'ls a').types('\t', 'bc');
    await paper.submits();
    paper.shows('\x07').types(' d', ' d').waits(600);
    const reading = await paper.reads();
    expect(reading.line.text).toBe('ls abc d');
  });

  test('is none of a row that was full to its last column', async () => {
    const paper = await new PaperTerminal(PROMPT.length + 6).learns();
    paper.types('echo 1', `echo 1 \r`).types(HOME, `\x1b[A\x1b[${PROMPT.length}C`);
    await paper.submits();
    paper.shows(`\x1b[5C\x1b[K \r\n${PROMPT}`).types(UP, 'ls');
    const { line } = await paper.reads();
    expect(line.text).toBe('ls');
  });
});

describe('a line that was typed ahead and is drawn again behind its prompt', () => {
  async function drawnAgain(lastKey: string): Promise<PaperTerminal> {
    const paper = await new PaperTerminal().learns();
    paper.types('sleep 1', 'sleep 1');
    await paper.submits();
    paper.shows('\r\n').types('rm -r old', 'rm -r old');
    return paper.types(lastKey, '').shows(`\r\n${PROMPT}rm -r old`);
  }

  test('is read there once fish was made to show what it stands for', async () => {
    const paper = await drawnAgain('');
    paper.tracker.expansionEnded(true);
    expect((await paper.reads()).line).toMatchObject({ confidence: 'partial', text: 'rm -r old' });
  });

  test('is not read there after a key that may have made another line of it', async () => {
    const paper = await drawnAgain(UP);
    expect((await paper.reads()).line.confidence).toBe('opaque');
  });
});

describe('the screen may show something else than the line', () => {
  const edge = PROMPT.length + 6;

  test('a wide character did not fit behind another one: no blank stands between them', async () => {
    const paper = await new PaperTerminal(edge).learns();
    paper.types(UP, 'abc漢 字');
    expect((await paper.reads()).line.text).toBe('abc漢字');
  });

  test('a wide character behind a blank at the edge: opaque', async () => {
    const paper = await new PaperTerminal(edge).learns();
    paper.types(UP, 'abcde 字');
    expect((await paper.reads()).line).toMatchObject({ confidence: 'opaque', reason: expect.stringContaining('edge') });
  });

  test('accents that were typed and are not shown: opaque', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('été', 'éte').types(UP, '').shows(' x');
    expect((await paper.reads()).line).toMatchObject({
      confidence: 'opaque',
      reason: expect.stringContaining('accents'),
    });
  });

  test('a key of the editor that stands there as a control character: opaque', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('ls \x1f', 'ls ^_');
    expect((await paper.reads()).line).toMatchObject({
      confidence: 'opaque',
      reason: expect.stringContaining('control'),
    });
  });

  test('remains of what was erased over the end of a row: opaque, and what was typed is judged', async () => {
    const paper = await new PaperTerminal(edge).learns();
    paper.types('rm abcd', 'rm abcd').types(ERASE_WORD, '\b \b').types('x', 'x');
    const reading = await paper.reads();
    expect(reading.line).toMatchObject({ confidence: 'opaque', reason: expect.stringContaining('remains') });
    expect(texts(reading)).toContain('rm x');
  });

  test('its prompt begins another row of it: opaque', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types(UP, `ls a\r\n${PROMPT}rm b`);
    expect((await paper.reads()).line.confidence).toBe('opaque');
  });

  test('a control character that an earlier line had comes back from the history: opaque', async () => {
    const paper = await new PaperTerminal().learns();
    await paper.types('ls \x1f', 'ls ^_').submits();
    paper.shows(`\r\n${PROMPT}`).types(UP, 'ls ^_');
    expect((await paper.reads()).line).toMatchObject({
      confidence: 'opaque',
      reason: expect.stringContaining('control'),
    });
  });

  test('a blank was typed between two wide characters that stand at an edge: opaque', async () => {
    const paper = await new PaperTerminal(edge).learns();
    paper.types('abc漢 字', 'abc漢 字').types('\x1b[1;5D', '');
    expect((await paper.reads()).line).toMatchObject({ confidence: 'opaque', reason: expect.stringContaining('edge') });
  });

  test('what the driver erased in the row above is gone, though the screen lacks something else', async () => {
    const paper = await new PaperTerminal(edge).learns();
    paper.types('ls abc', 'ls abc').types('\x7f', '\b \b');
    expect((await paper.reads()).line.confidence).toBe('opaque');
    paper.types('def', 'def');
    expect((await paper.reads()).line.confidence).toBe('opaque');
  });

  test('an editor that inserts behind the cursor it shows: what the screen says, and the keys are judged too', async () => {
    const paper = await new PaperTerminal().learns();
    paper
      .types('rm old ', 'rm old ')
      .types('\x1b[D', '\b')
      .types('er ', `\x1b[${PROMPT.length + 1}Grm old e r `);
    const reading = await paper.reads();
    expect(reading.line.text).toBe('rm old e r ');
    expect(texts(reading)).toContain('rm older');
  });

  test('typed and edited before its prompt was there, and something else is echoed: opaque', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('ls', 'ls');
    await paper.submits();
    paper.types('cat ab ', '').types('\x1b[D', '').types('c ', '').shows(`\r\n${PROMPT}cat ab c`);
    expect((await paper.reads()).line.confidence).toBe('opaque');
  });

  test('accents that were typed, in another order: opaque', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('e\u0301te y', 'e\u0301te y').types('\x14', '').shows(`\r${PROMPT}et\u0301e y`);
    expect((await paper.reads()).line).toMatchObject({
      confidence: 'opaque',
      reason: expect.stringContaining('accents'),
    });
  });

  test('something far behind it that nobody typed: opaque', async () => {
    const paper = await new PaperTerminal(edge).learns();
    paper.types(UP, `ls a${' '.repeat(20)}e\x1b[21D`);
    expect((await paper.reads()).line).toMatchObject({
      confidence: 'opaque',
      reason: expect.stringContaining('remains'),
    });
  });

  test('a blank over the end of a row that an erased character has left: opaque', async () => {
    const paper = await new PaperTerminal(edge).learns();
    paper.types('ls abc', 'ls abc').types(ERASE_WORD, '\b \b\b \b').types('bc de', 'b c de');
    expect((await paper.reads()).line.confidence).toBe('opaque');
  });

  test('a driver echoed the beginning before other output: opaque', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('ls', 'ls');
    await paper.submits();
    paper.types('rm ', '\r\nrm ').shows(`ls: not found\r\n${PROMPT}`).types('-r old', '-r old');
    const reading = await paper.reads();
    expect(reading.line.confidence).toBe('opaque');
    expect(texts(reading)).toContain('rm -r old');
  });

  test('a driver echoed the beginning before the prompt: opaque', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('ls', 'ls');
    await paper.submits();
    paper.shows('\r\n').types('rm ', 'rm ').shows(PROMPT).types('a\x17b', 'a\b \bb');
    const reading = await paper.reads();
    expect(reading.line.confidence).toBe('opaque');
    expect(texts(reading)).toContain('rm b');
  });
});

describe('an editor that draws something else than was typed', () => {
  test('a key that stands for a blank and itself', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('rm-r old', 'rm -r old');
    expect(texts(await paper.reads())).toContain('rm -r old');
  });

  test('a blank inside of an edited line of several rows', async () => {
    const paper = await new PaperTerminal().learns();
    const rest = ` # ${'x'.repeat(70)}`;
    paper.types(`rm \x7f-r old${rest}`, `rm -r old${rest}`);
    expect(texts(await paper.reads()).some((text) => text.startsWith('rm -r old #'))).toBe(true);
  });

  test.each([
    ['RM -r old', 'rm -r old'],
    ['rm-r old', 'rm -r old'],
  ])('%s that was typed ahead, shown as %s', async (typed, shown) => {
    const paper = await new PaperTerminal().learns();
    paper.types('sleep 1', 'sleep 1');
    await paper.submits();
    paper.types(typed, '').waits(300).shows(`\r\n${PROMPT}${shown}`).waits(300);
    expect(texts(await paper.reads())).toContain(shown);
  });

  test('a line from the history with a wide gap in one row is read', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types(UP, `printf 'name${' '.repeat(20)}value'`);
    expect((await paper.reads()).line.confidence).toBe('partial');
  });
});

describe('a suggestion that an Enter takes over', () => {
  const FAINT = '\x1b[90m';

  test('of a REPL is a part of the line', async () => {
    const paper = new PaperTerminal().shows('>>> ');
    paper.types('process.ex', `process.ex${FAINT}it\x1b[39m\x1b[2D`);
    const reading = await paper.reads();
    expect(reading.line.text).toBe('process.exit');
    expect(texts(reading)).toContain('process.ex');
  });

  test('of a prompt that may be a shell is judged too', async () => {
    const paper = new PaperTerminal().shows('> ');
    paper.types('RM', `rm${FAINT} -r old\x1b[39m\x1b[7D`);
    const reading = await paper.reads();
    expect(reading.line).toMatchObject({ confidence: 'exact', text: 'RM' });
    expect(texts(reading)).toEqual(expect.arrayContaining(['RM', 'rm', 'RM -r old']));
  });

  test('is none that stands behind something else than what was typed', async () => {
    const paper = new PaperTerminal().shows('> ');
    paper.types('ls -l ', `ls${FAINT} undefined\x1b[39m\x1b[10D`);
    const reading = await paper.reads();
    expect(texts(reading)).toContain('ls -l');
    expect(texts(reading).join('|')).not.toContain('undefined');
  });

  test('of a shell is not', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('ls', `ls${FAINT} -la\x1b[39m\x1b[4D`);
    expect((await paper.reads()).line).toMatchObject({ confidence: 'exact', text: 'ls' });
  });
});
