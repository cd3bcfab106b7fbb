import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maySubmit } from './key-token.ts';
import { type KeyModes, type KeyToken, KeyTokenizer, UNFINISHED_WAIT } from './keys.ts';
import { QueryLedger } from './query-ledger.ts';

interface Terminal extends KeyModes {
  modes: { bracketedPaste: boolean; focusReports: boolean; mouse: 'none' | 'any'; mouseEncoding: 'DEFAULT' | 'SGR' };
}

function terminal(modes: Partial<Terminal['modes']> = {}): Terminal {
  return {
    modes: { bracketedPaste: false, focusReports: false, mouse: 'none', mouseEncoding: 'DEFAULT', ...modes },
    queries: new QueryLedger(),
  };
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

/** Keys of one chunk, then of the silence after it. */
function cut(text: string, on: Terminal = terminal()): KeyToken[] {
  const keys = new KeyTokenizer(on);
  return [...keys.push(bytes(text), 0), ...keys.flush(UNFINISHED_WAIT)];
}

/** `kind` or `kind:detail`, short enough for tables. */
function shown(token: KeyToken): string {
  switch (token.kind) {
    case 'text':
    case 'paste':
      return `${token.kind}:${token.text}`;
    case 'edit':
    case 'submit':
    case 'interrupt':
      return `${token.kind}:${token.key}`;
    case 'soft-submit':
      return `soft:${token.name}`;
    case 'reply':
      return token.asked ? 'reply' : 'reply:unasked';
    case 'mouse':
    case 'focus':
      return token.kind;
    default:
      return token satisfies never;
  }
}

function joined(tokens: readonly KeyToken[]): string {
  return Buffer.concat(tokens.map((token) => token.bytes)).toString('latin1');
}

describe('what a key is', () => {
  test.each([
    ['echo a\r', ['text:echo a', 'submit:enter']],
    ['ls\n', ['text:ls', 'submit:newline']],
    ['\x0f', ['submit:operate']],
    ['\x1b\r', ['submit:escape-enter']],
    ['\x1bOM', ['submit:encoded']],
    ['\x1b[13u', ['submit:encoded']],
    ['\x1b[13;5u', ['submit:encoded']],
    ['\x1b[57414;1:1u', ['submit:encoded']],
    ['\x1b[109;5u', ['submit:encoded']],
    ['\x1b[106;5u', ['submit:encoded']],
    ['\x1b[111;5u', ['submit:encoded']],
    ['\x1b[27;5;13~', ['submit:encoded']],
    ['\x1b[27;5;106~', ['submit:encoded']],
    ['\x1b[97;5u', ['soft:the key sequence ESC [ 97;5u']],
    ['\x7f\x08', ['edit:backspace', 'edit:backspace']],
    ['\x1b[A\x1bOA\x10\x0e', ['edit:history', 'edit:history', 'edit:history', 'edit:history']],
    ['\x1b[C\x1b[D\x1b[H\x1bOF\x1b[3~', ['edit:right', 'edit:left', 'edit:home', 'edit:end', 'edit:delete']],
    ['\x1b[1;5C', ['edit:other']],
    ['\t\x12\x0c', ['edit:complete', 'edit:search', 'edit:redraw']],
    ['\x03\x1a\x1c', ['interrupt:C', 'interrupt:Z', 'interrupt:\\']],
    ['\x04', ['soft:Ctrl-D']],
    ['\x1d', ['soft:Ctrl-]']],
    ['\x1ba', ['soft:Alt-a']],
    ['\x1bh', ['soft:Alt-h']],
    ['\x1bx', ['soft:Alt-x']],
    ['\x1b.', ['edit:other']],
    ['\x1b1\x1b#', ['edit:other', 'soft:Alt-#']],
    ['\x18e', ['soft:Ctrl-X', 'soft:Ctrl-X e']],
    ['\x18\x05', ['soft:Ctrl-X', 'soft:Ctrl-X Ctrl-E']],
    ['\x18\r', ['soft:Ctrl-X', 'submit:enter']],
    ['\x16\tb', ['edit:quoted-insert', 'text:\t', 'text:b']],
    ['\x16\x03', ['edit:quoted-insert', 'soft:Ctrl-V Ctrl-C']],
    ['\x16\r', ['edit:quoted-insert', 'submit:enter']],
    ['\x1b[15~', ['soft:the key sequence ESC [ 15~']],
    ['\x1b[[A', ['soft:the key sequence ESC [[A']],
    ['\u0085', ['soft:an invisible control character']],
    ['漢字 👍', ['text:漢字 👍']],
  ])('%j', (input, expected) => {
    expect(cut(input).map(shown)).toEqual(expected);
  });

  test('bytes that are not UTF-8 may be Meta keys', () => {
    const keys = new KeyTokenizer(terminal());
    expect(keys.push(Uint8Array.of(0xe1, 0x0d), 0).map(shown)).toEqual([
      'soft:bytes that are not UTF-8',
      'submit:enter',
    ]);
  });
});

describe('CR and LF submit wherever they stand', () => {
  test.each([
    ['\x1b]\x15rm -rf x\r', ['soft:Alt-]', 'edit:kill-start', 'text:rm -rf x', 'submit:enter']],
    ['\x1b]10;rgb:ff\r', ['soft:Alt-]', 'text:10;rgb:ff', 'submit:enter']],
    ['\x1bP1$r\r', ['soft:Alt-P', 'text:1$r', 'submit:enter']],
    ['\x1b[1;\r', ['soft:the key sequence ESC [1;', 'submit:enter']],
    ['\x1bO\r', ['soft:the key sequence ESC O', 'submit:enter']],
    ['\x1b[M \r!', ['soft:the key sequence ESC [M', 'text: ', 'submit:enter', 'text:!']],
    ['\xc3\r', ['text:Ã', 'submit:enter']],
  ])('%j', (input, expected) => {
    expect(cut(input).map(shown)).toEqual(expected);
  });
});

describe('after a lone Escape', () => {
  test('the next character may be a Meta key, later ones vi commands', () => {
    const keys = new KeyTokenizer(terminal());
    keys.push(bytes('\x1b'), 0);
    expect(keys.flush(UNFINISHED_WAIT - 1)).toEqual([]);
    expect(keys.flush(UNFINISHED_WAIT).map(shown)).toEqual(['edit:escape']);
    expect(keys.push(bytes('a'), 100).map(shown)).toEqual(['soft:Escape a']);
    expect(keys.push(bytes('bx1#v@.'), 200).map(shown)).toEqual([
      'text:bx1',
      'soft:Escape #',
      'soft:Escape v',
      'soft:Escape @',
      'soft:Escape .',
    ]);
    expect(keys.push(bytes('\r#'), 300).map(shown)).toEqual(['submit:enter', 'text:#']);
  });
});

describe('paste', () => {
  const on = (): Terminal => terminal({ bracketedPaste: true });

  test('is one key while the mode is on', () => {
    expect(cut('\x1b[200~echo a\necho b\x1b[201~x', on()).map(shown)).toEqual(['paste:echo a\necho b', 'text:x']);
  });

  test('is keys while the mode is off', () => {
    expect(cut('\x1b[200~a\rb\x1b[201~').map(shown)).toEqual([
      'soft:the key sequence ESC [ 200~',
      'text:a',
      'submit:enter',
      'text:b',
      'soft:the key sequence ESC [ 201~',
    ]);
  });

  test('of more than one line is judged', () => {
    const [token] = cut('\x1b[200~echo a\necho b\x1b[201~', on());
    expect(token !== undefined && maySubmit(token, false)).toBe(true);
    const [single] = cut('\x1b[200~echo a\x1b[201~', on());
    expect(single !== undefined && maySubmit(single, false)).toBe(false);
  });

  test('without an end is handed on in parts and goes on as a paste', () => {
    const keys = new KeyTokenizer(on());
    expect(keys.push(bytes('\x1b[200~echo'), 0)).toEqual([]);
    expect(keys.flush(40).map(shown)).toEqual(['paste:echo']);
    expect(keys.push(bytes(' a\x1b[201~'), 50).map(shown)).toEqual(['paste: a']);
  });

  test('waits for the rest of an end that has begun', () => {
    const keys = new KeyTokenizer(on());
    keys.push(bytes('\x1b[200~ab\x1b[20'), 0);
    expect(keys.flush(40).map(shown)).toEqual(['paste:ab']);
    expect(keys.flush(80)).toEqual([]);
    expect(keys.push(bytes('1~c'), 90).map(shown)).toEqual(['paste:', 'text:c']);
  });

  test('ends when the mode is switched off', () => {
    const target = on();
    const keys = new KeyTokenizer(target);
    keys.push(bytes('\x1b[200~echo'), 0);
    target.modes.bracketedPaste = false;
    const after = [...keys.push(bytes(' a'), 10), ...keys.push(bytes('\rrm'), 11)];
    expect(after.map(shown)).toEqual(['paste:echo a', 'submit:enter', 'text:rm']);
  });
});

describe('reports', () => {
  test.each([
    ['device-attributes', '\x1b[?62;1;6c'],
    ['secondary-attributes', '\x1b[>41;370;0c'],
    ['cursor-position', '\x1b[12;40R'],
    ['status', '\x1b[0n'],
    ['private-mode', '\x1b[?2026;2$y'],
    ['keyboard-flags', '\x1b[?0u'],
    ['colour-11', '\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\'],
    ['colour-4', '\x1b]4;7;rgb:ff/ff/ff\x07'],
    ['terminal-version', '\x1bP>|XTerm(370)\x1b\\'],
    ['setting', '\x1bP1$r0m\x1b\\'],
    ['capability', '\x1bP1+r544e=787465726d\x1b\\'],
  ] as const)('%s: one answer for one question', (kind, report) => {
    const target = terminal();
    target.queries.ask(kind);
    expect(cut(report, target).map(shown)).toEqual(['reply']);
    expect(cut(report, target).map(shown)).toEqual(['reply:unasked']);
  });

  test.each([
    ['a wrong shape', '\x1b]10;rgb:ff;rm -rf x\x07', 'soft:Alt-]'],
    ['more than 64 bytes', `\x1bP>|${'x'.repeat(70)}\x1b\\`, 'soft:Alt-P'],
    ['a title', '\x1b]lrm -rf x\x1b\\', 'soft:Alt-]'],
    ['a clipboard', '\x1b]52;c;cm0gLXJm\x07', 'soft:Alt-]'],
  ])('%s is typed text', (_what, report, first) => {
    const target = terminal();
    for (const kind of ['colour-10', 'terminal-version'] as const) target.queries.ask(kind);
    const tokens = cut(report, target);
    expect(tokens[0] === undefined ? '' : shown(tokens[0])).toBe(first);
    expect(tokens.some((token) => token.kind === 'reply')).toBe(false);
  });

  test('free text that a vi mode would act on is judged first', () => {
    const target = terminal();
    target.queries.ask('terminal-version');
    const [token] = cut('\x1bP>|a v\x1b\\', target);
    expect(token?.kind).toBe('reply');
    expect(token !== undefined && maySubmit(token, false)).toBe(true);
  });
});

describe('mouse and focus count only in their mode', () => {
  test.each([
    ['\x1b[I', { focusReports: true }, 'focus'],
    ['\x1b[I', {}, 'soft:the key sequence ESC [ I'],
    ['\x1b[<0;3;4M', { mouse: 'any', mouseEncoding: 'SGR' }, 'mouse'],
    ['\x1b[<0;3;4M', {}, 'soft:the key sequence ESC [ <0;3;4M'],
    ['\x1b[M !!', { mouse: 'any' }, 'mouse'],
  ] as const)('%j %j', (input, modes, expected) => {
    expect(shown(cut(input, terminal(modes))[0] ?? { kind: 'focus', bytes: bytes('') })).toBe(expected);
  });
});

test('after key bindings were changed every key that is not text counts', () => {
  const [up, text] = cut('\x1b[Aab');
  expect([up, text].map((token) => token !== undefined && maySubmit(token, true))).toEqual([true, false]);
});

/** Bytes that are likely to meet the interesting states. */
const streams = fc.array(
  fc.oneof(
    fc.constantFrom(
      '\x1b',
      '\x1b[',
      '\x1b]',
      '\x1bP',
      '\x1b\\',
      '\x07',
      '\r',
      '\n',
      '\x18',
      '\x16',
      '\x1bO',
      '\x1b[200~',
      '\x1b[201~',
    ),
    fc.constantFrom(
      '\x1b[1;5C',
      '\x1b[M',
      '\x1b[<0;1;1M',
      '\x1b[?62c',
      '11;rgb:1/2/3',
      'echo ',
      '漢',
      '👍',
      '#v@.',
      '\x7f',
      '\t',
      '\x03',
    ),
    fc.string({ maxLength: 4 }),
  ),
  { maxLength: 24 },
);

/** Text runs may be cut where the chunks were; nothing else may differ. */
function merged(tokens: readonly KeyToken[]): string[] {
  const result: string[] = [];
  for (const token of tokens) {
    const last = result.at(-1);
    if (token.kind === 'text' && last?.startsWith('text:') === true) result[result.length - 1] = last + token.text;
    else result.push(shown(token));
  }
  return result;
}

describe('properties', () => {
  test('how the stream is cut does not change the keys', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(60), { maxLength: 8 }), fc.boolean(), (parts, cuts, paste) => {
        const whole = bytes(parts.join(''));
        const modes = { bracketedPaste: paste, focusReports: true, mouse: 'any', mouseEncoding: 'SGR' } as const;
        const places = [...new Set(cuts.map((place) => Math.min(place, whole.length)))].sort((a, b) => a - b);
        const pieces = [...places, whole.length].map((end, index) => whole.subarray(places[index - 1] ?? 0, end));
        const one = new KeyTokenizer(terminal(modes));
        const many = new KeyTokenizer(terminal(modes));
        const atOnce = [...one.push(whole, 0), ...one.flush(100)];
        const inPieces = [...pieces.flatMap((piece) => many.push(piece, 0)), ...many.flush(100)];
        expect(merged(inPieces)).toEqual(merged(atOnce));
      }),
      { numRuns: 2000 },
    );
  });

  test('no byte is lost, doubled or moved', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (input, paste) => {
        const keys = new KeyTokenizer(terminal({ bracketedPaste: paste }));
        const tokens = [...keys.push(input, 0)];
        for (let now = 100; keys.pendingSince !== undefined && now < 1000; now += 100) tokens.push(...keys.flush(now));
        const rest = keys.pendingSince === undefined ? '' : '\x1b[201~'.slice(0, 5);
        expect(Buffer.from(input).toString('latin1').startsWith(joined(tokens))).toBe(true);
        expect(input.length - joined(tokens).length).toBeLessThanOrEqual(rest.length + 6);
      }),
      { numRuns: 2000 },
    );
  });

  test('every CR and LF outside of a paste is a submission', () => {
    fc.assert(
      fc.property(streams, (parts) => {
        const text = parts.join('');
        const tokens = cut(text);
        const ends = (joined(tokens).match(/[\r\n]/g) ?? []).length;
        const carried = tokens.filter((token) => token.kind !== 'submit' && /[\r\n]/.test(joined([token])));
        expect(carried).toEqual([]);
        expect(tokens.filter((token) => token.kind === 'submit').length).toBeGreaterThanOrEqual(ends);
      }),
      { numRuns: 2000 },
    );
  });
});
