/** Before each test file: `HELDLINE_SEED` is the seed of all properties, as a failed one has printed it. */
import { TEST_SEED } from './test-seed.ts';

if (process.env['HELDLINE_SEED'] !== undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ seed: TEST_SEED });
}
