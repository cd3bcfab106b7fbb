/** How soon keys are echoed, and for how many bytes, beside the pacing of the usual server on the same simulated paths. */
import { describe, expect, test } from 'vitest';
import { simulateTyping, USUAL } from '../../../test/support/typing-simulation.ts';
import { LIVELY, type Pacing } from './sender.ts';

const SEEDS = 40;
const KEYS = 40;

interface Typed {
  readonly median: number;
  readonly slow: number;
  readonly bytes: number;
}

function typed(pacing: Pacing, path: { readonly loss: number; readonly delay: number }): Typed {
  const runs = Array.from({ length: SEEDS }, (_, seed) => simulateTyping(pacing, { ...path, seed }, KEYS));
  const times = runs.flatMap((run) => run.times).sort((a, b) => a - b);
  const at = (part: number): number => times[Math.floor(times.length * part)] ?? Number.NaN;
  return { median: at(0.5), slow: at(0.9), bytes: runs.reduce((sum, run) => sum + run.bytesDown, 0) };
}

describe('keys over a path', { timeout: 60_000 }, () => {
  test.each([
    { loss: 0.3, delay: 50 },
    { loss: 0.3, delay: 5 },
    { loss: 0.1, delay: 50 },
  ])('that loses much: sooner, and for fewer bytes, %o', (path) => {
    const [ours, usual] = [typed(LIVELY, path), typed(USUAL, path)];
    expect(ours.median).toBeLessThan(usual.median);
    expect(ours.slow).toBeLessThan(usual.slow);
    expect(ours.bytes).toBeLessThan(usual.bytes);
  });

  test('that loses nothing: sooner, and nothing is sent twice', () => {
    const path = { loss: 0, delay: 50 };
    const ours = typed(LIVELY, path);
    expect(ours.median).toBeLessThan(typed(USUAL, path).median);
    expect(ours.bytes / typed({ ...LIVELY, copies: false }, path).bytes).toBeCloseTo(1, 2);
  });

  test('that loses a third: the second copy is what makes short paths quick', () => {
    const path = { loss: 0.3, delay: 5 };
    expect(typed(LIVELY, path).median).toBeLessThan(0.7 * typed({ ...LIVELY, copies: false }, path).median);
  });
});
