import { describe, expect, test } from 'vitest';
import { clampSize, SessionSetup } from './session-setup.ts';

const PTY = { cols: 80, rows: 24, width: 0, height: 0, modes: {} as never };

describe('a terminal request', () => {
  test('without one there is none', () => {
    const setup = new SessionSetup();
    setup.resize({ cols: 1, rows: 1 });
    expect(setup.terminal).toBeNull();
  });

  test('a resize before anything runs counts', () => {
    const setup = new SessionSetup();
    setup.requestTerminal({ ...PTY, term: 'xterm-256color' });
    setup.resize({ cols: 132, rows: 50 });
    expect(setup.terminal).toMatchObject({ term: 'xterm-256color', size: { cols: 132, rows: 50 } });
  });

  test.each(['', 'a b', '../../etc', 'x\n', 'x'.repeat(65), '\u202exterm'])('%j is no terminal name', (term) => {
    const setup = new SessionSetup();
    setup.requestTerminal({ ...PTY, term });
    expect(setup.terminal?.term).toBe('dumb');
  });

  test('only numbers are modes', () => {
    const setup = new SessionSetup();
    setup.requestTerminal({ ...PTY, term: 'xterm', modes: { ECHO: 1, VINTR: 'x' } as never });
    expect(setup.terminal?.modes).toEqual({ ECHO: 1 });
  });

  test('sizes are those of a screen', () => {
    expect(clampSize(0, 0)).toEqual({ cols: 80, rows: 24 });
    expect(clampSize(2 ** 32 - 1, 2 ** 31)).toEqual({ cols: 1000, rows: 500 });
    expect(clampSize(1, 1)).toEqual({ cols: 1, rows: 1 });
  });
});
