/**
 * As whom somebody votes. Over ssh that is who signed in. At the local command line the account of the
 * operating system proves nothing: being root here is not being an approver. There a person says who they are
 * (`--user`, or their account has the name), or is known by the code alone: of those who are asked, the one
 * whose code it is. The code itself is checked, and used up, by the desk in every case.
 */

import { isAsked } from '../approval/eligibility.ts';
import type { HeldRequest } from '../approval/ports.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import type { Principal } from '../model/principal.ts';
import type { User } from '../model/user.ts';
import type { VerbContext } from './verb.ts';
import { text } from './verb-values.ts';

export interface Ballot {
  readonly request: HeldRequest;
  readonly code: string | null;
}

/** @throws HeldlineError `voter.unknown` when nobody can be told */
export async function voterOf(context: VerbContext, ballot: Ballot): Promise<Principal> {
  if (context.caller.kind === 'person') return context.caller.principal;
  const named = text(context, 'user') ?? (await ownAccount(context));
  if (named !== undefined) return localPrincipal(context, named);
  const user = (await byCode(context, ballot)) ?? (await asked(context));
  if (user === undefined) {
    const hint = 'Say who you are with --user NAME';
    throw new HeldlineError('voter.unknown', 'it cannot be told who you are, so this counts for nobody', {
      kind: 'not-allowed',
      hint,
    });
  }
  return localPrincipal(context, user);
}

async function localPrincipal({ services }: VerbContext, name: string): Promise<Principal> {
  const user = await services.users.find(name);
  if (user === null) throw new HeldlineError('user.unknown', `there is no user ${name}`, { kind: 'not-found' });
  const proof = { keyFingerprint: 'local', keyType: 'local', secondFactor: false };
  return { user: user.name, roles: user.roles, proof, address: 'local' };
}

async function ownAccount({ caller, services }: VerbContext): Promise<string | undefined> {
  if (caller.kind !== 'local') return undefined;
  return (await services.users.find(caller.account))?.name;
}

async function byCode({ services }: VerbContext, { request, code }: Ballot): Promise<string | undefined> {
  if (code === null) return undefined;
  const people = await services.users.list();
  const candidates = people.filter((person) => mayVote(person, request)).map((person) => person.name);
  return (await services.codes.ownerOf(code, candidates)) ?? undefined;
}

function mayVote(person: User, request: HeldRequest): boolean {
  return !person.disabled && request.requirement.stages.some((stage) => isAsked(stage, person, request));
}

async function asked({ io }: VerbContext): Promise<string | undefined> {
  if (!io.interactive) return undefined;
  const name = await io.ask('Your user name: ');
  return name === null || name.trim() === '' ? undefined : name.trim();
}
