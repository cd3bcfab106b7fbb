/**
 * Holds one client to what the policy says of its address: where it may be at all, and what a new address means. An
 * address is not proven by a datagram that came from it; whoever is refused is not heard and not answered.
 */
import type { Clock } from '../base/clock.ts';
import type { Roaming } from '../model/roaming.ts';
import type { Presence } from '../session/ports.ts';
import type { Attachment, PeerAddress } from './attachment.ts';
import { CodeStage } from './code-stage.ts';
import type { EntryStage } from './entry-stage.ts';
import type { MoshUserLeg } from './mosh-user-leg.ts';
import type { CodeAnswer } from './ports.ts';

export interface AddressGuardParts {
  readonly clock: Clock;
  /** By the policy of this moment. */
  readonly roaming: () => Roaming;
  readonly verify: (code: string) => Promise<CodeAnswer>;
  /** undefined before there is one. */
  readonly session: () => MoshUserLeg | undefined;
  /** What the client looks at before that. */
  readonly entry: () => EntryStage | undefined;
  readonly tell: (type: string, detail: Readonly<Record<string, unknown>>) => void;
}

export class AddressGuard {
  readonly #parts: AddressGuardParts;
  #presence: Presence = 'attached';
  #asking: CodeStage | undefined;
  #refused = '';

  constructor(parts: AddressGuardParts) {
    this.#parts = parts;
  }

  /** What a session may believe of whoever is at this client. */
  get presence(): Presence {
    return this.#presence;
  }

  /** Whether the client is served at this address. Each refused one is told once in a row. */
  allows({ address }: PeerAddress): boolean {
    if (this.#parts.roaming().allows(address)) return true;
    if (this.#refused !== address) this.#parts.tell('mosh.refused', { address });
    this.#refused = address;
    return false;
  }

  /** The client is at another address from now on, and its first keys from there were not taken yet. */
  moved(attachment: Attachment, from: PeerAddress, to: PeerAddress): void {
    const means = from.address === to.address ? null : this.#parts.roaming().onMove;
    this.#parts.tell('mosh.roamed', { from: addressText(from), to: addressText(to), means });
    if (means === 'code') this.#ask(attachment, from, to);
    if (means === 'freeze' && this.#presence === 'attached') this.#believe(attachment, 'moved');
  }

  get #behind(): MoshUserLeg | EntryStage | undefined {
    return this.#parts.session() ?? this.#parts.entry();
  }

  #believe(attachment: Attachment, presence: Presence): void {
    this.#presence = presence;
    this.#parts.session()?.believe(attachment, presence);
  }

  #ask(attachment: Attachment, from: PeerAddress, to: PeerAddress): void {
    this.#believe(attachment, 'detached');
    if (attachment.ended) return;
    const { clock, verify, tell } = this.#parts;
    const asking: CodeStage = new CodeStage({
      why: `your address changed from ${from.address} to ${to.address}.`,
      size: (this.#asking ?? this.#behind)?.size,
      clock,
      verify,
      onChange: () => attachment.changed(),
      onProven: () => {
        // Moved again meanwhile: another question stands there, and this answer is not one to it.
        if (this.#asking === asking && !attachment.ended) this.#proven(attachment, asking);
      },
      onRefused: (why) => tell('mosh.code_refused', { why }),
    });
    this.#asking = asking;
    attachment.show(asking);
  }

  #proven(attachment: Attachment, { size }: CodeStage): void {
    this.#asking = undefined;
    const stage = this.#behind;
    if (stage === undefined) return;
    attachment.show(stage);
    if (size !== undefined) stage.resize(size);
    this.#believe(attachment, 'attached');
    this.#parts.tell('mosh.confirmed', { address: attachment.address?.address ?? null });
  }
}

/** An address and port for the log. */
export function addressText({ address, port }: PeerAddress): string {
  return `${address} port ${port}`;
}
