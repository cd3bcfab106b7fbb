/** `requests show ID --trace`: the whole way of one request, so that a stall can be explained from one file. */
import type { HeldRequest } from '../../approval/ports.ts';
import { requestView } from '../../approval/request-view.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { visible } from '../../base/visible.ts';
import type { AuditEvent } from '../../model/audit-event.ts';
import type { CommandContext } from '../../model/command-line.ts';
import type { Decision } from '../../model/decision.ts';
import { AUDITOR } from '../../model/roles.ts';
import { namedRequest } from '../request-lookup.ts';
import { findTraced, type TracedRequest, traceRequest } from '../request-trace.ts';
import { statementText } from '../statement-text.ts';
import { type TraceStep, traceSteps, traceText } from '../trace-text.ts';
import { EXIT, type VerbContext } from '../verb.ts';
import { printJson } from '../verb-values.ts';

/** Shows the request that the first argument names, with every step. @throws HeldlineError `request.unknown` */
export async function showTrace(context: VerbContext): Promise<number> {
  const request = await known(context);
  const traced = request === null ? await fromLog(context) : tracedOf(request);
  const events = await traceRequest(context.services.auditDirectory, traced);
  const steps = traceSteps(events);
  const held = events.find(({ approval }) => approval !== undefined);
  const now = held === undefined ? null : await decideAgain(context, held);
  if (context.io.json) printTrace(context, request, steps, now);
  else writeTrace(context, request, steps, now);
  return EXIT.done;
}

/** What the policy of this moment says of the line. */
interface Again {
  /** Of the policy at that time. */
  readonly hash: string;
  /** What was known when it was held; null in logs that do not say it. */
  readonly factsThen: Readonly<Record<string, unknown>> | null;
  readonly isSamePolicy: boolean;
  readonly decision: Decision;
}

/** Requests older than a day are known to the log alone, and only auditors and the local door read that. */
async function known(context: VerbContext): Promise<HeldRequest | null> {
  try {
    return await namedRequest(context);
  } catch (failure) {
    const { caller } = context;
    const mayReadLog = caller.kind === 'local' || caller.principal.roles.includes(AUDITOR);
    if (failure instanceof HeldlineError && failure.code === 'request.unknown' && mayReadLog) return null;
    throw failure;
  }
}

async function fromLog(context: VerbContext): Promise<TracedRequest> {
  const [id = ''] = context.call.arguments;
  const traced = await findTraced(context.services.auditDirectory, id);
  if (traced !== null) return traced;
  throw new HeldlineError('request.unknown', `there is no request ${visible(id)}`, { kind: 'not-found' });
}

function tracedOf({ statement }: HeldRequest): TracedRequest {
  return { uid: statement.uid, session: statement.session };
}

async function decideAgain({ services }: VerbContext, held: AuditEvent): Promise<Again> {
  const { command, target, approval, policy } = held;
  const name = String(approval?.['requester'] ?? held.actor?.user ?? '');
  const user = await services.users.find(name);
  const decision = await services.engine.evaluate(command?.text ?? '', {
    context: contextOf(command?.context),
    user: { name, roles: user?.roles ?? [] },
    ...(target === undefined ? {} : { target: { name: target.name, labels: target.labels ?? {} } }),
    ...(target?.login === undefined ? {} : { login: target.login }),
    at: Date.parse(held.time),
  });
  const hash = policy?.hash ?? '';
  const factsThen = policy?.facts ?? null;
  return { hash, factsThen, isSamePolicy: hash === services.engine.current.hash, decision };
}

const CONTEXTS: readonly CommandContext[] = ['shell', 'psql', 'mysql', 'repl', 'exec'];

function contextOf(text: string | undefined): CommandContext {
  return CONTEXTS.find((context) => context === text) ?? 'shell';
}

function printTrace(
  { io }: VerbContext,
  request: HeldRequest | null,
  steps: readonly TraceStep[],
  again: Again | null,
): void {
  if (request !== null) io.out(`${JSON.stringify({ ...requestView(request), ending: request.ending })}\n`);
  for (const step of steps) printJson(io, { ...step });
  if (again === null) return;
  const { effect, rule, ids, why, facts, reasons } = again.decision;
  const explain = { effect, rule, ids, why, facts, reasons };
  const { hash, factsThen, isSamePolicy } = again;
  printJson(io, { policy_hash: hash, facts_then: factsThen, same_policy_now: isSamePolicy, explain });
}

function writeTrace(
  { io, services }: VerbContext,
  request: HeldRequest | null,
  steps: readonly TraceStep[],
  again: Again | null,
): void {
  if (request !== null) io.out(statementText(request, services.clock.now()));
  if (request?.ending != null) io.out(`Ended    ${visible(request.ending)}\n`);
  io.out(`\n${traceText(steps)}`);
  if (again === null) return;
  const { effect, rule, ids, why, facts } = again.decision;
  const when = again.isSamePolicy ? 'still in force' : `not in force any more; now ${services.engine.current.hash}`;
  io.out(`\nPolicy   ${again.hash} (${when})\n`);
  io.out(`Says now ${effect}, rule ${rule ?? '-'}, ids ${ids.join(' ') || '-'}: ${visible(why)}\n`);
  io.out(`Facts    ${visible(JSON.stringify(facts))}\n`);
  if (again.factsThen !== null) io.out(`Then     ${visible(JSON.stringify(again.factsThen))}\n`);
}
