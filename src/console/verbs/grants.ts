/** Approvals that are remembered: `grants list`, `grants revoke`. They begin with `approve --grant`. */
import type { CommandGrant } from '../../approval/grant-ports.ts';
import { formatDuration } from '../../base/duration.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { visible, visibleShort } from '../../base/visible.ts';
import { coverInWords } from '../../model/grant-terms.ts';
import { AUDITOR } from '../../model/roles.ts';
import { columns } from '../columns.ts';
import { EXIT, type Verb, type VerbContext } from '../verb.ts';
import { callerName, printJson } from '../verb-values.ts';

export const grantsList: Verb = {
  spec: {
    path: ['grants', 'list'],
    summary: 'list remembered approvals: those in force and those of the last 24 hours',
    arguments: [],
    options: [],
    examples: ['grants list', 'grants list --json'],
    audience: 'everybody',
  },
  async run(context) {
    const { services, io } = context;
    const seen = (await services.commandGrants.list()).filter((grant) => maySee(context, grant));
    if (io.json) for (const grant of seen) printJson(io, grantJson(grant));
    else {
      const now = services.clock.now();
      io.out(
        columns(
          ['ID', 'WHO', 'WHERE', 'LEFT', 'USES', 'COVERS'],
          seen.map((grant) => rowOf(grant, now)),
        ),
      );
    }
    return EXIT.done;
  },
};

export const grantsRevoke: Verb = {
  spec: {
    path: ['grants', 'revoke'],
    summary: 'end a remembered approval: your own, or one that you gave',
    arguments: [{ name: 'ID', help: 'the grant', required: true }],
    options: [],
    examples: ['grants revoke 7KQ2'],
    audience: 'everybody',
  },
  async run(context) {
    const { services, io } = context;
    const [id = ''] = context.call.arguments;
    const grant = await services.commandGrants.find(id);
    if (grant === null || !mayEnd(context, grant)) {
      throw new HeldlineError('grant.unknown', `there is no grant ${visible(id)}`, { kind: 'not-found' });
    }
    await services.commandGrants.revoke(grant, callerName(context));
    io.err(`heldline: ${grant.id} revoked. What it covered is asked about again.\n`);
    return EXIT.done;
  },
};

function maySee(context: VerbContext, grant: CommandGrant): boolean {
  const { caller } = context;
  return mayEnd(context, grant) || (caller.kind === 'person' && caller.principal.roles.includes(AUDITOR));
}

/** Whoever it is for, and whoever gave it; the local command line all. */
function mayEnd({ caller }: VerbContext, { given }: CommandGrant): boolean {
  if (caller.kind === 'local') return true;
  const { user } = caller.principal;
  return user === given.statement.user || approversOf(given).includes(user);
}

function approversOf({ votes }: CommandGrant['given']): readonly string[] {
  return votes.filter((vote) => vote.verdict === 'approve').map((vote) => vote.approver);
}

function rowOf(grant: CommandGrant, now: number): string[] {
  const { id, given, terms, used, state, until } = grant;
  const { user, login, target, command } = given.statement;
  const left = state === 'active' ? formatDuration(Math.max(0, until - now)) : state;
  const covered = visibleShort(coverInWords(terms, command), 60);
  return [id, user, `${login}@${target}`, left, `${used} of ${terms.uses}`, covered];
}

function grantJson({ id, uid, given, terms, from, until, used, state, ending }: CommandGrant): Record<string, unknown> {
  const { user, target, login, session, command, context, policyHash } = given.statement;
  const { scope, rules, uses, inSession } = terms;
  return {
    id,
    uid,
    state,
    user,
    target,
    login,
    context,
    scope,
    covers: coverInWords(terms, command),
    rules,
    uses,
    used,
    from: new Date(from).toISOString(),
    until: new Date(until).toISOString(),
    approvers: approversOf(given),
    session: inSession ? session : null,
    policy_hash: policyHash,
    ending,
  };
}
