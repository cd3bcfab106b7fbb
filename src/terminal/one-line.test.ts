import { describe, expect, test } from 'vitest';
import type { CommandContext } from '../model/command-line.ts';
import { onOneLine } from './one-line.ts';

describe('a statement over several lines on one', () => {
  test.each<[CommandContext, string[], string | null]>([
    ['psql', ['DELETE', 'FROM t', ';'], 'DELETE FROM t ;'],
    ['psql', ['  DELETE', '', "FROM t WHERE a = 'x  y'  ", ';'], "DELETE FROM t WHERE a = 'x  y' ;"],
    ['mysql', ['DROP', 'TABLE `t`;'], 'DROP TABLE `t`;'],
    ['psql', ["DELETE FROM t WHERE a = 'x", "y';"], null],
    ['psql', ['DELETE -- all of', 'FROM t;'], null],
    ['psql', ['DELETE /* all', 'of */ FROM t;'], null],
    ['psql', ['DO $$ BEGIN', 'DELETE FROM t; END $$;'], null],
    ['psql', ["SELECT E'\\'", "';"], null],
    ['mysql', ['DELETE # all of', 'FROM t;'], null],
    ['shell', ['rm -rf \\', '  old'], 'rm -rf   old'],
    ['shell', ['rm \\', '-rf \\', "'my dir'"], "rm -rf 'my dir'"],
    ['shell', ['for f in a b; do', 'rm $f', 'done'], null],
    ['shell', ["echo 'a\\", "b'"], null],
    ['shell', ['cat <<E', 'rm x', 'E'], null],
    ['shell', ['rm a # not b \\', 'c'], null],
    ['shell', ['rm a\\\\', 'b'], null],
    ['repl', ['if x:', '  y()'], null],
  ])('%s %j', (context, lines, line) => {
    expect(onOneLine(lines, context)).toBe(line);
  });
});
