/**
 * The seed of what is random in a test. Tests that use it name it, so that a failure says how to have it again:
 * `HELDLINE_SEED=N`, which goes for every property of fast-check too (`seed-properties.ts`).
 */
export const TEST_SEED: number = Number(process.env['HELDLINE_SEED'] ?? Date.now() % 1_000_000);
