/**
 * What was typed ahead is sent on once the prompt is back, if that is soon: then the next line stands behind a
 * prompt too. A program that reads lines without one is not waited for.
 */
import type { LineReading } from '../../terminal/line-reading.ts';
import { isClear } from './clear-line.ts';
import type { GateTracker } from './collaborators.ts';
import { type SettleParts, whenSettled } from './settle.ts';

/** How long a prompt may take besides the way there and back, ms. */
const PROMPT_WAIT = 200;

/** Resolves when the prompt of the line that was sent is back, or has not come in time. */
export async function promptBack(
  reading: LineReading,
  parts: SettleParts & { readonly tracker: GateTracker },
  signal: AbortSignal,
): Promise<void> {
  const { line, place, prompt } = reading;
  const atPrompt = place === 'prompt' || place === 'continuation';
  if (!atPrompt || line.confidence === 'opaque' || prompt.text.trim() === '') return;
  const limit = PROMPT_WAIT + 2 * parts.tracker.roundTrip;
  await whenSettled(parts, () => isClear(parts.tracker, reading), { limit, quiet: 0 }, signal);
}
