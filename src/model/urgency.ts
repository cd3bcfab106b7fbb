/** How soon a requester would like an answer. It changes order and loudness, and never what is asked for. */
export const URGENCIES = ['low', 'normal', 'high'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** Higher first. */
export function urgencyRank({ urgency = 'normal' }: { readonly urgency?: Urgency }): number {
  return -URGENCIES.indexOf(urgency);
}

/** The next one, round and round: normal, high, low. */
export function nextUrgency(urgency: Urgency = 'normal'): Urgency {
  return URGENCIES[(URGENCIES.indexOf(urgency) + 1) % URGENCIES.length] ?? 'normal';
}
