/**
 * How a person's signature gets here: made on their own machine by the local command line, given in a file or on
 * standard input, or pasted into an ssh terminal. Whether it counts is the desk's business.
 */
import { stagesAsking, takesSignatures } from '../approval/eligibility.ts';
import type { HeldRequest } from '../approval/ports.ts';
import { approvalNamespace, approvalStatement } from '../approval/signed-statement.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { isSecurityKeyType, SIGNATURE_END, SIGNATURE_LIMIT } from '../identity/ssh-signature.ts';
import type { Principal } from '../model/principal.ts';
import type { Stage } from '../model/requirement.ts';
import type { UserKey } from '../model/user.ts';
import type { VerbContext, VerbIo } from './verb.ts';
import { flag, text } from './verb-values.ts';
import { voteRefusal } from './vote-refusal.ts';
import { voterOf } from './voter.ts';

/** Whether this call proves the vote by a signature. */
export function wantsToSign(context: VerbContext): boolean {
  return flag(context, 'sign') || text(context, 'signature-file') !== undefined;
}

/**
 * The bytes that the caller signs to approve `request`, and with `--grant` to have it remembered.
 * @throws HeldlineError as `voterOf`
 */
export async function statementFor(context: VerbContext, request: HeldRequest): Promise<string> {
  const voter = await voterOf(context, { request, code: null });
  return statementOf(context, request, voter);
}

function statementOf(context: VerbContext, request: HeldRequest, { user }: Principal): string {
  const grant = flag(context, 'grant');
  return approvalStatement(request, user, context.services.bastionIdentity, { grant });
}

/** Before a code is asked for in vain. @throws HeldlineError `vote.factor-not-available` */
export function refuseUnlessCodesDo({ caller }: VerbContext, request: HeldRequest): void {
  const stages =
    caller.kind === 'local' ? request.requirement.stages : stagesAsking(request, personOf(caller.principal));
  // Somebody who is not asked is refused by the desk, which writes it down.
  if (stages.length === 0 || stages.some(({ factors }) => factors.includes('totp'))) return;
  throw voteRefusal({ kind: 'factor-not-available', stages }, request);
}

/**
 * The armoured signature of `voter` over the request; null when they gave up.
 * @throws HeldlineError when the request takes none, or when none can be given here
 */
export async function signatureOf(
  context: VerbContext,
  request: HeldRequest,
  voter: Principal,
): Promise<string | null> {
  const stages = stagesOf(request, voter);
  if (!stages.some(takesSignatures)) throw voteRefusal({ kind: 'factor-not-available', stages }, request);
  const file = text(context, 'signature-file');
  if (file !== undefined) return fromFile(context, request, file);
  const { io } = context;
  if (io.sign !== undefined) return signHere(context, request, voter);
  if (io.interactive) return pasted(context, request);
  throw usage('without a terminal, a signature comes on standard input', pipeline(context, request));
}

/** Those that ask `voter`; all of them when none does, for the desk to refuse. */
function stagesOf(request: HeldRequest, voter: Principal): readonly Stage[] {
  const asking = stagesAsking(request, personOf(voter));
  return asking.length === 0 ? request.requirement.stages : asking;
}

function personOf({ user, roles }: Principal): { readonly name: string; readonly roles: readonly string[] } {
  return { name: user, roles };
}

/** Over ssh nobody reads the person's files for the verb: there it is standard input or nothing. */
function fromFile(context: VerbContext, request: HeldRequest, file: string): Promise<string | null> {
  const { io } = context;
  if (io.allInput === undefined) return Promise.resolve(file);
  if (file !== '-') throw usage('over ssh, a signature comes on standard input', pipeline(context, request));
  return io.interactive ? pasted(context, request) : io.allInput();
}

/** With a key of the person's own machine, after they had the time to read. */
async function signHere(context: VerbContext, request: HeldRequest, voter: Principal): Promise<string | null> {
  const { io, services } = context;
  const { user, target } = request.statement;
  const keys = await keysThatDo(context, request, voter);
  const prompt = `Enter signs ${request.id} for ${user} on ${target}, Ctrl-C leaves it: `;
  if (io.interactive && (await io.ask(prompt)) === null) return null;
  const statement = statementOf(context, request, voter);
  return (await io.sign?.({ namespace: approvalNamespace(services.bastionIdentity), statement, keys })) ?? null;
}

async function keysThatDo({ services }: VerbContext, request: HeldRequest, voter: Principal): Promise<string[]> {
  const anyKey = stagesOf(request, voter).some(({ factors }) => factors.includes('signature'));
  const does = ({ type }: UserKey): boolean => anyKey || isSecurityKeyType(type);
  const keys = (await services.users.find(voter.user))?.keys.filter(does) ?? [];
  if (keys.length > 0) return keys.map(({ type, blob }) => `${type} ${blob}`);
  const what = anyKey ? 'key' : 'security key';
  throw new HeldlineError('approve.no-key', `no ${what} is registered for ${voter.user}`, {
    kind: 'not-allowed',
    hint: `An administrator adds one: heldline key add ${voter.user} --key-file F`,
  });
}

/** Signed in another window, pasted line by line into this one. */
async function pasted(context: VerbContext, request: HeldRequest): Promise<string | null> {
  const { io } = context;
  io.err('Sign it in another window of your own machine, with your key in place of KEY:\n');
  io.err(`  ${showAndSign(context, request)}\n`);
  io.err('Then paste what it prints here; Ctrl-C leaves it.\n');
  return linesUntilEnd(io);
}

async function linesUntilEnd(io: VerbIo): Promise<string | null> {
  let whole = '';
  while (!whole.trimEnd().endsWith(SIGNATURE_END) && whole.length < SIGNATURE_LIMIT) {
    const line = await io.ask('');
    if (line === null) return null;
    whole += `${line}\n`;
  }
  return whole;
}

function pipeline(context: VerbContext, request: HeldRequest): string {
  const send = `ssh ${context.services.bastion.words} approve ${request.id} --digest D --signature-file -`;
  return `${showAndSign(context, request)} | ${send}${grantFlag(context)}`;
}

function showAndSign(context: VerbContext, { id }: HeldRequest): string {
  const { bastion, bastionIdentity } = context.services;
  const show = `ssh ${bastion.words} requests show ${id} --to-sign${grantFlag(context)}`;
  return `${show} | ssh-keygen -Y sign -n ${approvalNamespace(bastionIdentity)} -f KEY`;
}

function grantFlag(context: VerbContext): string {
  return flag(context, 'grant') ? ' --grant' : '';
}

function usage(message: string, hint: string): HeldlineError {
  return new HeldlineError('usage', message, { kind: 'usage', hint });
}
