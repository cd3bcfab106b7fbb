import { expect, test } from 'vitest';
import { harmlessModes } from './terminal-modes.ts';

test('what terminals have by default goes on', () => {
  const modes = {
    VINTR: 3,
    VERASE: 127,
    VEOF: 4,
    VEOL: 255,
    ICRNL: 1,
    ISIG: 1,
    IUTF8: 1,
    ONLCR: 1,
    TTY_OP_ISPEED: 38400,
  };
  expect(harmlessModes(modes)).toEqual(modes);
});

test.each([
  ['a letter that ends the input', { VEOF: 0x71 }],
  ['a letter that ends the line', { VEOL: 0x3b }],
  ['a second such letter', { VEOL2: 0x3b }],
  ['a space bar that erases', { VERASE: 0x20 }],
  ['no key that interrupts', { VINTR: 255 }],
  ['a letter that takes the line away', { VKILL: 0x78 }],
  ['no interrupts at all', { ISIG: 0 }],
  ['input whose eighth bit is taken away', { ISTRIP: 1 }],
  ['a line feed that is a carriage return', { INLCR: 1 }],
  ['a character nobody knows', { VNEW: 1 }],
])('%s stays here', (_what, modes) => {
  expect(harmlessModes({ ...modes, IUTF8: 1 })).toEqual({ IUTF8: 1 });
});
