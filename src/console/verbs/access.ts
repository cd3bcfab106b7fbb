/** Access for a time: `access request|list|give-back|revoke`; `approve` and `deny` decide about it as about a command. */
import type { AccessGrant } from '../../approval/ports.ts';
import { requestView } from '../../approval/request-view.ts';
import { formatDuration, parseDuration } from '../../base/duration.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { visibleShort } from '../../base/visible.ts';
import type { ApprovalRequest } from '../../model/approval-request.ts';
import { AUDITOR } from '../../model/roles.ts';
import { URGENCIES, type Urgency } from '../../model/urgency.ts';
import { columns } from '../columns.ts';
import { EXIT, type Verb, type VerbContext } from '../verb.ts';
import { callerName, printJson, text } from '../verb-values.ts';

const ID = { name: 'ID', help: 'the access', required: true } as const;

export const accessRequest: Verb = {
  spec: {
    path: ['access', 'request'],
    summary: 'ask for access to a target for a time',
    arguments: [{ name: 'TARGET', help: 'the target', required: true }],
    options: [
      { name: 'as', value: 'LOGIN', help: 'as this account instead of the default one' },
      { name: 'for', value: 'DURATION', help: 'how long: 30m, 1h, 1h30m' },
      { name: 'reason', short: 'r', value: 'TEXT', help: 'why' },
      { name: 'urgency', value: 'U', help: 'low, normal or high: how loudly others are told' },
    ],
    examples: ['access request db2 --as postgres --for 1h --reason "INC-4712 slow queries"'],
    audience: 'everybody',
    where: 'ssh',
  },
  run: async (context) => {
    const { caller, io } = context;
    if (caller.kind !== 'person') throw new HeldlineError('usage', 'access is requested over ssh', { kind: 'usage' });
    const request = await ask(context, caller.principal.user, caller.principal.address);
    if (io.json) io.out(`${JSON.stringify(requestView(request))}\n`);
    else io.err(`heldline: request ${request.id} sent. Waiting; Ctrl-C leaves it open.\n`);
    return io.json ? EXIT.done : wait(context, request);
  },
};

export const accessList: Verb = {
  spec: {
    path: ['access', 'list'],
    summary: 'list access for a time',
    arguments: [],
    options: [],
    examples: ['access list'],
    audience: 'everybody',
  },
  run: async (context) => {
    const { services, io } = context;
    const now = services.clock.now();
    const mine = (await services.grants.list()).filter((grant) => maySee(context, grant));
    if (io.json) {
      for (const { id, user, target, login, state, until } of mine) {
        printJson(io, { id, user, target, login, state, until: new Date(until).toISOString() });
      }
      return EXIT.done;
    }
    const left = ({ state, until }: AccessGrant): string => (state === 'active' ? formatDuration(until - now) : state);
    const rows = mine.map((grant) => [grant.id, grant.user, grant.target, grant.login ?? '-', left(grant)]);
    io.out(columns(['ID', 'WHO', 'TARGET', 'LOGIN', 'LEFT'], rows));
    return EXIT.done;
  },
};

export const accessGiveBack: Verb = {
  spec: {
    path: ['access', 'give-back'],
    summary: 'end your access early',
    arguments: [ID],
    options: [],
    examples: ['access give-back 9TQD'],
    audience: 'everybody',
    where: 'ssh',
  },
  run: async (context) => {
    const [id = ''] = context.call.arguments;
    await context.services.grants.giveBack(id.toUpperCase(), callerName(context));
    context.io.err(`heldline: ${id} given back.\n`);
    return EXIT.done;
  },
};

export const accessRevoke: Verb = {
  spec: {
    path: ['access', 'revoke'],
    summary: "end somebody's access and the sessions under it",
    arguments: [ID],
    options: [],
    examples: ['access revoke 9TQD'],
    audience: 'local',
  },
  run: async (context) => {
    const [id = ''] = context.call.arguments;
    await context.services.grants.revoke(id.toUpperCase(), callerName(context));
    context.io.err(`heldline: ${id} revoked.\n`);
    return EXIT.done;
  },
};

async function ask(context: VerbContext, user: string, address: string): Promise<ApprovalRequest> {
  const { services } = context;
  const [name = ''] = context.call.arguments;
  const found = await services.accessControl.requestable(user, name, text(context, 'as') ?? null);
  if (found === null) {
    throw new HeldlineError(
      'access.nothing',
      `there is no access to "${visibleShort(name, 40)}" that you could ask for`,
      {
        kind: 'not-found',
        hint: 'See: targets',
      },
    );
  }
  const { target, login, rule } = found;
  return services.grants.request({
    user,
    address,
    target: target.name,
    labels: target.labels,
    login,
    duration: durationOf(context),
    reason: text(context, 'reason') ?? null,
    ...urgencyOf(context),
    approval: rule.approval,
    longest: rule.longest ?? services.longestAccess,
    rule: 'access',
    policyHash: services.engine.current.hash,
  });
}

/** Until somebody decides, or the person presses Ctrl-C. */
function wait(context: VerbContext, request: ApprovalRequest): Promise<number> {
  const { services, io } = context;
  return new Promise((resolve) => {
    const stop = services.desk.watch(request.statement.uid, (now) => {
      if (now.state === 'pending') return;
      stop();
      resolve(tellDecision(context, now));
    });
    io.cancelled.addEventListener('abort', () => {
      stop();
      resolve(EXIT.interrupted);
    });
  });
}

function tellDecision({ services, io }: VerbContext, decided: ApprovalRequest): number {
  const { id, state, statement } = decided;
  if (state !== 'approved' && state !== 'released') {
    io.err(`heldline: ${id} ${state}.\n`);
    return EXIT.notAllowed;
  }
  io.err(`heldline: ${id} approved.\n          Connect: ssh ${statement.target}${services.bastion.suffix}\n`);
  return EXIT.done;
}

function durationOf(context: VerbContext): number {
  const given = text(context, 'for');
  const duration = given === undefined ? undefined : parseDuration(given);
  if (duration !== undefined) return duration;
  throw new HeldlineError('usage', 'access request needs --for with a duration such as 30m or 1h', { kind: 'usage' });
}

function urgencyOf(context: VerbContext): { readonly urgency?: Urgency } {
  const given = text(context, 'urgency');
  if (given === undefined) return {};
  const urgency = URGENCIES.find((one) => one === given);
  if (urgency !== undefined) return { urgency };
  throw new HeldlineError('usage', `--urgency is one of ${URGENCIES.join(', ')}`, { kind: 'usage' });
}

function maySee({ caller }: VerbContext, grant: AccessGrant): boolean {
  if (caller.kind === 'local') return true;
  return grant.user === caller.principal.user || caller.principal.roles.includes(AUDITOR);
}
