import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isName } from '../../model/names.ts';
import { moshAnswer } from './answer.ts';
import { parseMoshCommand, parseRoute } from './mosh-command.ts';
import { posixWords, quoteWords } from './posix-words.ts';

const CONNECTION = { remoteAddress: '192.0.2.7', remotePort: 50000, localAddress: '198.51.100.1', localPort: 22 };

function parsed(command: string): ReturnType<typeof parseMoshCommand> {
  return parseMoshCommand(Buffer.from(command));
}

describe('words', () => {
  test.each([
    ["a 'b c'  d", ['a', 'b c', 'd']],
    ["'it'\\''s'", ["it's"]],
    ['"a \\"b\\" \\n" c\\ d', ['a "b" \\n', 'c d']],
    ["''", ['']],
    ['a;b ; c', ['a', ';', 'b', ';', 'c']],
    ['$(reboot) `x` $HOME *', ['$(reboot)', '`x`', '$HOME', '*']],
  ])('%s', (text, words) => {
    expect(posixWords(text)).toEqual(words);
  });

  test.each(["'open", '"open', 'end\\'])('%s is not a command line', (text) => {
    expect(posixWords(text)).toBeUndefined();
  });

  test('quoted words come back', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        expect(posixWords(quoteWords(words))).toEqual(words);
      }),
    );
  });
});

describe('the request of the wrapper', () => {
  test('plain', () => {
    expect(
      parsed("mosh-server 'new' '-c' '256' '-s' '-l' 'LANG=C.UTF-8' '-p' '60000:60010' '--' 'root@db1' 'it'\\''s'"),
    ).toEqual({
      term: 'xterm-256color',
      wantsConnection: false,
      words: ['root@db1', "it's"],
    });
  });

  test('with the question for addresses before it', () => {
    const asked = `sh -c '[ -n "$SSH_CONNECTION" ] && printf "\\nMOSH SSH_CONNECTION %s\\n" "$SSH_CONNECTION"' ; mosh-server new -c 8`;
    expect(parsed(asked)).toEqual({ term: 'xterm', wantsConnection: true, words: [] });
  });

  test.each([
    ['env LANG=C.UTF-8 /usr/local/bin/mosh-server new -v -i 1.2.3.4 -- db1', ['db1']],
    ['mosh-server new db1', ['db1']],
    ['mosh-server new --', []],
  ])('%s', (command, words) => {
    expect(parsed(command)?.words).toEqual(words);
  });

  test.each(['mosh-server', 'mosh-server-x new', 'echo new mosh-server', "'mosh-server new", 'ls'])(
    'not %s',
    (command) => {
      expect(parsed(command)).toBeUndefined();
    },
  );

  test('garbage never throws', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseMoshCommand(Buffer.from(bytes))));
  });
});

describe('the route', () => {
  test.each([
    ['db1', { target: 'db1', login: null }],
    ['root@DB1', { target: 'db1', login: 'root' }],
    ['root@x@db1', undefined],
    ['-oProxyCommand=x', undefined],
    ['root@', undefined],
    ['db1; ls', undefined],
  ])('%s', (word, route) => {
    expect(parseRoute(word, isName)).toEqual(route);
  });
});

describe('the answer', () => {
  const key = Buffer.alloc(16, 0xfb);

  test('is the line that the wrapper looks for', () => {
    expect(moshAnswer(2222, key, null).toString()).toMatch(/^MOSH CONNECT (\d+?) ([A-Za-z0-9/+]{22})\s*$/m);
  });

  test('names the addresses when asked', () => {
    expect(moshAnswer(2222, key, CONNECTION).toString()).toContain(
      '\r\nMOSH SSH_CONNECTION 192.0.2.7 50000 198.51.100.1 22\r\n',
    );
  });
});
