/**
 * `npm run gate:fuzz:short`: the accuracy fuzz and the hostile fuzz side by side, three minutes each, as the whole run
 * has them. The first mostly waits and the second computes. Ends with 1 when one of them does.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execPath, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { TEST_SEED } from '../support/test-seed.ts';

const MINUTES = '3';
const fuzz = fileURLToPath(new URL('./fuzz.ts', import.meta.url));

/** What it printed comes at once when it has ended, so that the two do not mix. */
async function run(words: readonly string[]): Promise<boolean> {
  const argv = ['--import', 'tsx', fuzz, '--minutes', MINUTES, ...words];
  const child = spawn(execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const [code] = await once(child, 'close');
  stdout.write(`gate:fuzz ${words.join(' ')}\n${printed}`);
  return code === 0;
}

const seed = String(TEST_SEED);
const passed = await Promise.all([run(['--seed', seed, '--lanes', '5']), run(['--seed', seed, '--hostile'])]);
process.exitCode = passed.every(Boolean) ? 0 : 1;
