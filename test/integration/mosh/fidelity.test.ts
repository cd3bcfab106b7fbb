/** What the session draws is what the real client shows: text, cursor and how characters are drawn. */
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MoshUserLeg } from '../../../src/mosh/mosh-user-leg.ts';
import { DrawnScreen } from '../../../src/mosh/screen/drawn-screen.ts';
import type { Screen } from '../../../src/mosh/screen/screen.ts';
import { randomNumbers } from '../../support/random-numbers.ts';
import type { ScreenTerminal } from '../../support/screen-terminal.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { MoshStack } from './support/mosh-stack.ts';

let stack: MoshStack;

beforeEach(async () => {
  stack = await MoshStack.start();
});

afterEach(async () => {
  await stack[Symbol.asyncDispose]();
});

/** The screen of a real client as a terminal with this machine's widths shows it. */
class Onlooker {
  readonly #client: ScreenTerminal;
  readonly #screen: DrawnScreen;
  #read = 0;

  constructor(client: ScreenTerminal, size: { readonly cols: number; readonly rows: number }) {
    this.#client = client;
    this.#screen = new DrawnScreen({ size, clipboard: true, onAnswer: () => {} });
  }

  get picture(): Screen {
    const output = this.#client.output;
    this.#screen.write(output.subarray(this.#read));
    this.#read = output.length;
    return this.#screen.picture(0);
  }
}

/** The client's own painting steps back from the last column by one too many, with `mosh-server` as with us. */
const STEP_BACK = 5;

/** Text and drawing of what is not blank, and the cursor. */
function seen({ cols, rows, cursor }: Screen): string {
  const lines = rows.map((row) =>
    row.cells
      .map(({ text, style }) => (text.trim() === '' ? ' ' : `${style === '' ? '' : `{${style}}`}${text}`))
      .join('')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n(${cursor.row}, ${cursor.column >= cols - STEP_BACK ? 'end' : cursor.column})`;
}

function leg(): MoshUserLeg {
  const found = stack.sessions.leg;
  if (!(found instanceof MoshUserLeg)) throw new TypeError('not a leg of Mosh');
  return found;
}

/** A datagram may be lost on loopback too, and is sent again after a while, ms. */
const PATIENCE = 15_000;

async function expectSame(onlooker: Onlooker, what: string): Promise<void> {
  let [shown, drawn] = ['', ''];
  for (const end = performance.now() + PATIENCE; performance.now() < end; await sleep(15)) {
    shown = seen(onlooker.picture);
    drawn = seen(leg().picture(0));
    if (shown === drawn) return;
  }
  expect(shown, what).toBe(drawn);
}

/** No questions: their answers would make the shell write at moments of its own. */
const WORDS = [
  'plain',
  ' ',
  '   ',
  'text that is long enough to wrap',
  'ä',
  'Ω',
  '漢字',
  '한글',
  'e\u0301',
  'a\u0300\u0302',
  '🙂',
  '─│┌',
  '\u0301',
  '\r',
  '\n',
  '\r\n',
  '\b',
  '\t',
  '\x1b7',
  '\x1b8',
  '\x1bM',
  '\x1bD',
  '\x1b[?1049h',
  '\x1b[?1049l',
  '\x1b[?25l',
  '\x1b[?25h',
  '\x1b[?7l',
  '\x1b[?7h',
  '\x1b[4h',
  '\x1b[4l',
  '\x1b(0',
  '\x1b(B',
  '\x1b[!p',
  '\x1b[?6h',
  '\x1b[?6l',
  '\x1b]2;t\x07',
  '\x1b#8',
] as const;
const STYLES = [
  '0',
  '1',
  '3',
  '4',
  '5',
  '7',
  '31',
  '42',
  '93',
  '104',
  '38;5;200',
  '48;5;7',
  '38;2;1;2;3',
  '48;2;9;8;7',
  '27',
  '24',
] as const;
const FINALS = ['A', 'B', 'C', 'D', 'H', 'J', 'K', 'X', '@', 'P', 'L', 'M', 'S', 'T', 'r', 'd', 'G'] as const;

function randomOutput(random: () => number): string {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const number = (): number => Math.floor(random() * 30);
  const piece = (): string => {
    const kind = random();
    if (kind < 0.5) return pick(WORDS) ?? '';
    if (kind < 0.75) return `\x1b[${pick(STYLES)}m`;
    const final = pick(FINALS) ?? 'H';
    return final === 'H' || final === 'r' ? `\x1b[${number()};${number()}${final}` : `\x1b[${number()}${final}`;
  };
  return Array.from({ length: 25 }, piece).join('');
}

describe('random screens', () => {
  test.each([1, 2])(
    '120 of them look the same at the client, seed %i',
    async (seed) => {
      const size = { cols: 40, rows: 12 };
      const { client } = await stack.session({ seed: 1 }, size);
      const onlooker = new Onlooker(client, size);
      const random = randomNumbers(seed);
      for (let count = 0; count < 120; count += 1) {
        const output = randomOutput(random);
        leg().write(Buffer.from(output));
        await expectSame(onlooker, `seed ${seed}, screen ${count}: ${JSON.stringify(output)}`);
      }
    },
    120_000,
  );

  test('40 of them look the same though a third is lost', async () => {
    const size = { cols: 40, rows: 12 };
    const { client } = await stack.session({ seed: 3, loss: 0.3, reorder: 0.05 }, size);
    const onlooker = new Onlooker(client, size);
    const random = randomNumbers(33);
    for (let count = 0; count < 40; count += 1) {
      leg().write(Buffer.from(randomOutput(random)));
      leg().write(Buffer.from(randomOutput(random)));
      await expectSame(onlooker, `screen ${count}`);
    }
  }, 180_000);
});

describe('full-screen programs', () => {
  test.each([
    ['less', ['less FILE\r', ' ', ' ', '/line 3\r', 'q']],
    ['vim', ['vim -u NONE -N -c "set number ruler" FILE\r', '10jdd', 'ihello\x1b', ':vsplit\r', '\x06', ':qa!\r']],
    ['htop', ['htop\r', '\x1b[B\x1b[B', 'q']],
  ])(
    '%s',
    async (_name, steps) => {
      await using directory = await tempDir();
      const file = directory.at('text');
      await writeFile(file, Array.from({ length: 200 }, (_, line) => `line ${line} of the text, äöü 漢字`).join('\n'));
      const size = { cols: 100, rows: 30 };
      const { client } = await stack.session({ seed: 1 }, size);
      const onlooker = new Onlooker(client, size);
      for (const step of steps) {
        client.type(step.replace('FILE', file));
        await sleep(400);
        await expectSame(onlooker, JSON.stringify(step));
      }
    },
    60_000,
  );
});
