/** Moments as people write them: `7d` ago, `2026-11-20`, `2026-11-20T10:00`, `yesterday`, `today`. */
import { parseDuration } from '../base/duration.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { visibleShort } from '../base/visible.ts';

const DAY = 86_400_000;

/** ms since the epoch. @throws HeldlineError `usage` on anything else */
export function parseMoment(text: string, now: number): number {
  const ago = parseDuration(text);
  if (ago !== undefined) return now - ago;
  const today = new Date(now).setHours(0, 0, 0, 0);
  if (text === 'today') return today;
  if (text === 'yesterday') return today - DAY;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text;
  const moment = /^\d{4}-\d{2}-\d{2}T/.test(day) ? Date.parse(day) : Number.NaN;
  if (!Number.isNaN(moment)) return moment;
  throw new HeldlineError('usage', `"${visibleShort(text, 30)}" is no moment; write 7d, yesterday or 2026-11-20`, {
    kind: 'usage',
  });
}
