/** How soon a requester would like an answer. It changes order and loudness, and never what is asked for. */
export const URGENCIES = ['low', 'normal', 'high'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** What a client said when it opened its channel; `unknown`: something that is no urgency. */
export type SaidUrgency = Urgency | 'unknown';

/** The variable by which clients say it: sshd and ssh pass `LC_*` on, so it takes no setting on either side. */
export const URGENCY_VARIABLE = 'LC_HELDLINE_URGENCY';

/** @param text as the client sent it; undefined or empty when it said nothing, which is normal */
export function saidUrgency(text: string | undefined): SaidUrgency {
  if (text === undefined || text === '') return 'normal';
  return URGENCIES.find((one) => one === text) ?? 'unknown';
}

/** Higher first. */
export function urgencyRank({ urgency = 'normal' }: { readonly urgency?: Urgency }): number {
  return -URGENCIES.indexOf(urgency);
}

/** The next one, round and round: normal, high, low. */
export function nextUrgency(urgency: Urgency = 'normal'): Urgency {
  return URGENCIES[(URGENCIES.indexOf(urgency) + 1) % URGENCIES.length] ?? 'normal';
}
