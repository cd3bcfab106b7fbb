import { describe, expect, test } from 'vitest';
import { PaperTerminal, PROMPT, texts } from '../../test/support/paper-terminal.ts';

const UP = '\x1b[A';

describe('late output never moves the line', () => {
  test.each([
    ['rewrites it', `\r\x1b[K${PROMPT}ls`],
    ['draws a prompt below it', `\r\n${PROMPT}ls`],
    ['draws a prompt below it with the same beginning', `\r\n${PROMPT}rm -rf /srv/zz-not`],
  ])('a background program %s: opaque', async (_what, late) => {
    const paper = await new PaperTerminal().learns();
    paper.types(UP, 'rm -rf /srv/zz').waits(1000).shows(late);
    const reading = await paper.reads();
    expect(reading.line.confidence).toBe('opaque');
  });

  test('what was typed is still judged', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('rm -rf /srv/zz', 'rm -rf /srv/zz').waits(1000).shows(`\r\x1b[K${PROMPT}ls`);
    expect(texts(await paper.reads())).toContain('rm -rf /srv/zz');
  });

  test('a prompt mark after the first key does not count', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types(UP, 'rm -rf /srv/zz').waits(1000).shows('\x1b]133;B\x07');
    expect(texts(await paper.reads())).toContain('rm -rf /srv/zz');
  });

  test('a fake prompt and more typing is not a new line', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types(UP, 'rm -rf /srv/zz').waits(1000).shows(`\r\n${PROMPT}`).waits(50).types(' x', ' x');
    const reading = await paper.reads();
    expect(reading.line.confidence).toBe('opaque');
  });

  test('text of the line that looks like the prompt does not begin a line', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types(UP, `rm -rf /srv/zz \\\r\n${PROMPT}ls`);
    expect(texts(await paper.reads()).some((text) => text.includes('rm -rf /srv/zz'))).toBe(true);
  });

  test('a wrapped row that looks like the prompt does not begin a line', async () => {
    const paper = await new PaperTerminal().learns();
    const filler = 'x'.repeat(60 - PROMPT.length - 'rm -rf '.length);
    paper.types(UP, `rm -rf ${filler}${PROMPT}ls`);
    expect(texts(await paper.reads()).some((text) => text.includes('rm -rf'))).toBe(true);
  });
});

describe('a full-screen program that appears by itself hides no line', () => {
  test.each([
    ['typed', 'rm -rf /srv/zz'],
    ['recalled', UP],
  ])('%s', async (_what, keys) => {
    const paper = await new PaperTerminal().learns();
    paper.types(keys, 'rm -rf /srv/zz').waits(1000).shows('\x1b[?1049h\x1b[H\x1b[2J');
    const reading = await paper.reads();
    expect([reading.line.confidence, reading.place]).toEqual(['opaque', 'alternate']);
    expect(texts(reading)).toContain('rm -rf /srv/zz');
  });

  test('and when it is gone the line is still there', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types(UP, 'rm -rf /srv/zz').shows('\x1b[?1049h\x1b[Hlist').types('j', '').shows('\x1b[?1049l').waits(300);
    expect(texts(await paper.reads())).toContain('rm -rf /srv/zz');
  });

  test('the usual program leaves a new line behind', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('vi', 'vi');
    await paper.submits();
    paper.shows('\r\n\x1b[?1049h').types('ix\x1b', 'x').types('ZZ', '').shows(`\x1b[?1049l${PROMPT}`);
    paper.types('ls', 'ls');
    const reading = await paper.reads();
    expect([reading.path, reading.prompt.text, reading.line.text]).toEqual(['fast', PROMPT, 'ls']);
  });
});

describe('a line that cannot be known is opaque', () => {
  test('an empty row after keys that cannot be followed', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types(UP, '\x07');
    expect((await paper.reads()).line).toMatchObject({ confidence: 'opaque' });
  });

  test('text after such a key that never appears', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('\t', '\x07').types('abc', '');
    expect((await paper.reads()).line).toMatchObject({ confidence: 'opaque' });
  });

  test('a screen that never stands still', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types(UP, 'ls');
    const work = paper.reads();
    for (let step = 0; step < 400; step += 1) {
      await Promise.resolve();
      paper.waits(5).shows(step % 2 === 0 ? '-\b' : '+\b');
    }
    expect((await work).line).toMatchObject({ confidence: 'opaque', reason: 'the screen did not stand still' });
  });

  test('a broken emulator', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('ls', 'ls');
    const broken = new Proxy(new Uint8Array(4), { get: () => undefined });
    paper.emulator.write(broken);
    const reading = await paper.reads();
    expect(paper.emulator.failure === undefined || reading.line.confidence === 'opaque').toBe(true);
  });

  test('after losing track, until a known prompt stands there again', async () => {
    const paper = await new PaperTerminal().learns();
    paper.tracker.resync();
    paper.shows('\r\nsome: ').types('ls\t', 'ls');
    expect((await paper.submits()).line.confidence).toBe('opaque');
    paper.shows(`\r\n${PROMPT}`).types('ls\t', 'ls');
    const after = await paper.reads();
    expect(after.line).toEqual({ confidence: 'partial', text: 'ls', context: 'shell', hidden: false });
  });
});

describe('input that is not echoed', () => {
  test('is judged and marked as hidden', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('rm -rf /srv/zz', '');
    const reading = await paper.reads();
    expect([reading.line.hidden, reading.place, texts(reading), reading.releasable]).toEqual([
      true,
      'hidden',
      ['rm -rf /srv/zz'],
      false,
    ]);
  });

  test('mixed with a report is opaque', async () => {
    const paper = await new PaperTerminal().learns();
    paper.emulator.queries.ask('cursor-position');
    paper.types('\x1b[1;1R', '').types('hunter2', '');
    expect((await paper.reads()).line).toMatchObject({ confidence: 'opaque', hidden: true });
  });

  test('an echoed line with a report is exact', async () => {
    const paper = await new PaperTerminal().learns();
    paper.emulator.queries.ask('cursor-position');
    paper.types('\x1b[1;1R', '').types('ls', 'ls');
    expect((await paper.reads()).line).toMatchObject({ confidence: 'exact', text: 'ls' });
  });
});

describe('text that stood there before the first key', () => {
  test('behind a known prompt is the line', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('print -z x', 'print -z x');
    await paper.submits();
    paper.shows(`\r\n${PROMPT}rm -rf /srv/zz`).waits(200);
    expect(texts(await paper.reads())).toContain('rm -rf /srv/zz');
  });

  test('behind a prompt not seen before is judged with the row', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('cd /', 'cd /');
    await paper.submits();
    paper.shows('\r\nuser@host:/$ rm -rf /srv/zz').waits(200);
    expect(texts(await paper.reads())).toContain('rm -rf /srv/zz');
  });

  test('right of the cursor is the line too', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('x', 'x');
    await paper.submits();
    paper.shows(`\r\n${PROMPT}rm -rf /srv/zz\x1b[14D`).waits(200);
    expect(texts(await paper.reads())).toContain('rm -rf /srv/zz');
  });
});

describe('what was submitted', () => {
  test('is executed when the cursor leaves the line', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('ls', 'ls');
    const reading = await paper.submits();
    const effect = paper.tracker.confirm(reading, new AbortController().signal);
    paper.shows('\r\nfile\r\n').waits(100);
    expect(await effect).toBe('executed');
  });

  test('is not executed when an Enter only picks from a menu, and the line goes on', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('rm -rf d\t', 'rm -rf dir');
    const reading = await paper.submits();
    const effect = paper.tracker.confirm(reading, new AbortController().signal);
    paper.shows('ectory').waits(400);
    expect(await effect).toBe('not-executed');
    expect(texts(await paper.reads())).toContain('rm -rf directory');
  });
});

describe('verifying a discard', () => {
  test('tells empty from not empty', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('rm -rf x', 'rm -rf x');
    const before = paper.tracker.promptNow();
    expect([paper.tracker.lineState(), paper.tracker.cellsOfLine()]).toEqual(['not-empty', 'rm -rf x']);
    paper.types('\x15', '\b\b\b\b\b\b\b\b\x1b[K');
    expect([paper.tracker.lineState(), paper.tracker.promptNow()]).toEqual(['empty', before]);
    paper.types('\x03', `^C\r\n${PROMPT}`);
    expect([paper.tracker.lineState(), paper.tracker.promptNow().text]).toEqual(['empty', PROMPT]);
  });

  test('says unknown when no prompt is there', async () => {
    const paper = await new PaperTerminal().learns();
    paper.types('rm', 'rm').types('\x03', '^C\r\n');
    expect(paper.tracker.lineState()).toBe('unknown');
    paper.shows('\x1b[?1049h');
    expect(paper.tracker.lineState()).toBe('unknown');
  });
});

test('a paste of several lines is judged line by line and as a whole', async () => {
  const paper = await new PaperTerminal().learns();
  paper.shows('\x1b[?2004h').types('x', 'x');
  const reading = await paper.reads('\x1b[200~a\nrm -rf /srv/zz\nb\x1b[201~');
  expect(texts(reading)).toEqual(['xa\nrm -rf /srv/zz\nb', 'xa', 'rm -rf /srv/zz', 'b']);
});

test('an aborted reading rejects and leaves nothing waiting', async () => {
  const paper = await new PaperTerminal().learns();
  paper.types('ls', '');
  const abort = new AbortController();
  const work = paper.tracker.resolve({ kind: 'submit', key: 'enter', bytes: Uint8Array.of(13) }, abort.signal);
  abort.abort();
  await expect(work).rejects.toMatchObject({ code: 'aborted' });
});
