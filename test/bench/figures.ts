/** Medians and percentiles of what the benches measure. */

/** The value below which `share` (0 to 1) of the values lie; NaN without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Runs `measure` for every one of `things`, `rounds` times over, each round starting with another one. */
export async function interleave<T>(
  things: readonly T[],
  rounds: number,
  measure: (thing: T) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < things.length; turn += 1) {
      const thing = things[(round + turn) % things.length];
      if (thing !== undefined) await measure(thing);
    }
  }
}
