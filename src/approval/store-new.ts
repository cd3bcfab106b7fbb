/** Puts a fresh request into the store under a short id that nobody else has. */
import { HeldlineError } from '../base/heldline-error.ts';
import { newShortId } from './hold-draft.ts';
import type { ApprovalStore, HeldRequest, OpenLimits } from './ports.ts';

const ID_TRIES = 20;

/**
 * The request as it is stored. @param open puts one try into the store
 * @throws HeldlineError `approval.too-many`, `approval.no-id`; or what `open` throws
 */
export async function storeNew(
  first: HeldRequest,
  { quota }: OpenLimits,
  open: (request: HeldRequest) => ReturnType<ApprovalStore['open']>,
): Promise<HeldRequest> {
  let request = first;
  for (let tries = 0; tries < ID_TRIES; tries++) {
    const outcome = await open(request);
    if (outcome === 'opened') return request;
    if (outcome === 'too-many') {
      throw new HeldlineError('approval.too-many', `There are ${quota} held commands of yours already.`, {
        kind: 'not-allowed',
      });
    }
    request = { ...request, id: newShortId() };
  }
  throw new HeldlineError('approval.no-id', 'There is no free short id.');
}
