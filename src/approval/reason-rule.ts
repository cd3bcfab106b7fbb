/** What a requester must say. */
import type { ReasonRule } from '../model/requirement.ts';

/** Characters; longer reasons are refused, not cut. */
const REASON_LIMIT = 500;

/** A sentence that says what the reason lacks, or null when it will do. */
export function reasonObjection(rule: ReasonRule, text: string): string | null {
  const reason = text.trim();
  const length = [...reason].length;
  if (length > REASON_LIMIT) return `A reason has at most ${REASON_LIMIT} characters.`;
  if (rule.required && length === 0) return 'A reason is needed.';
  if (length > 0 && length < rule.minLength) return `A reason needs at least ${rule.minLength} characters.`;
  if (rule.ticket !== undefined && length > 0 && !matches(rule.ticket, reason)) {
    return 'The reason must name a ticket.';
  }
  return null;
}

/** Whether some part of the text matches, taken as a whole or word by word. */
function matches(source: string, text: string): boolean {
  const pattern = new RegExp(source, 'u');
  return [text, ...text.split(/[\s,;()]+/)].some((part) => pattern.test(part));
}
