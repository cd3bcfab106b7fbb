/** What lets a line pass without asking anybody: an approval that is remembered, or the break-glass of its requester. */
import { HeldlineError } from '../base/heldline-error.ts';
import type { PassedBy } from '../model/approval-request.ts';
import type { BreakGlasses } from './break-glasses.ts';
import type { CommandGrants } from './command-grants.ts';
import type { HoldDraft } from './hold-draft.ts';
import type { HeldRequest } from './ports.ts';

export interface PassesParts {
  /** Approvals that are remembered. */
  readonly grants: CommandGrants;
  readonly breakGlasses: BreakGlasses;
}

export class Passes {
  readonly #parts: PassesParts;

  constructor(parts: PassesParts) {
    this.#parts = parts;
  }

  /**
   * By what a line passes; null: people are asked.
   * @throws HeldlineError `breakglass.ended` for a line that was decided under a break-glass that has ended: what it lifted
   * may be a denial, which nobody can approve
   */
  of(draft: HoldDraft): PassedBy | null {
    const { grants, breakGlasses } = this.#parts;
    const { breakGlass } = draft.decision;
    if (breakGlass !== undefined) {
      const one = breakGlasses.covering(draft);
      if (one === null)
        throw new HeldlineError('breakglass.ended', 'Your break-glass has ended.', { kind: 'not-allowed' });
      return { byBreakGlass: { uid: one.uid, id: one.id, lifts: breakGlass.lifts } };
    }
    const grant = grants.covering(draft);
    return grant === null ? null : { byGrant: { uid: grant.uid, id: grant.id } };
  }

  /** Judges it at the moment of release; null: it still counts. @throws when people cannot be looked up */
  async objectionTo({ byGrant, byBreakGlass }: PassedBy): Promise<string | null> {
    if (byBreakGlass !== undefined) return this.#parts.breakGlasses.objectionTo(byBreakGlass.uid);
    return byGrant === undefined ? null : this.#parts.grants.objectionTo(byGrant.uid);
  }

  /** After the store spent it for `pass`. In the log when it resolves. @throws when store or log fail */
  async usedBy(pass: HeldRequest): Promise<void> {
    if (pass.byBreakGlass !== undefined) await this.#parts.breakGlasses.usedBy(pass);
    else await this.#parts.grants.usedBy(pass);
  }
}
