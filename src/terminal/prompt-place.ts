/** Whether something that may be a prompt stands where the cursor is. A target can draw anything: this proves nothing. */
import type { Emulator } from './emulator.ts';
import type { PromptMemory } from './prompt-memory.ts';
import { cursorRow } from './screen-rows.ts';

export type PromptPlace =
  | { readonly kind: 'none' | 'full-screen' }
  /** `still`: ms since the last output. */
  | { readonly kind: 'prompt'; readonly text: string; readonly known: boolean; readonly still: number };

const NONE: PromptPlace = { kind: 'none' };

/** What stands left of the cursor. @param still ms since the last output */
export function promptPlace(emulator: Emulator, prompts: PromptMemory, still: number): PromptPlace {
  if (emulator.failure !== undefined || !emulator.isGround) return NONE;
  if (emulator.alternate) return { kind: 'full-screen' };
  const text = cursorRow(emulator).before;
  return text.trim() === '' ? NONE : { kind: 'prompt', text, known: prompts.knows(text), still };
}
