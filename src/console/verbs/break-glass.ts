/** Break-glass: `break-glass start|list|show|end|review`. */
import type { BreakGlass } from '../../approval/break-glass-ports.ts';
import type { AskedBreakGlass } from '../../approval/break-glass-start.ts';
import { formatDuration } from '../../base/duration.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { visible } from '../../base/visible.ts';
import type { Principal } from '../../model/principal.ts';
import { breakGlassJson, breakGlassText, mayEnd, maySee, standing } from '../break-glass-view.ts';
import { columns } from '../columns.ts';
import { EXIT, type Verb, type VerbContext } from '../verb.ts';
import { callerName, printJson, text } from '../verb-values.ts';
import { voteRefusal } from '../vote-refusal.ts';

const ID = { name: 'ID', help: 'the four characters of the break-glass', required: true } as const;

export const breakGlassStart: Verb = {
  spec: {
    path: ['break-glass', 'start'],
    summary: 'let your held commands pass for a time; others are told, and have to review it',
    arguments: [],
    options: [
      { name: 'reason', short: 'r', value: 'TEXT', help: 'why; it is told to others' },
      { name: 'code-file', value: 'F', file: 'line', help: '"-": your code comes on standard input' },
    ],
    examples: ['break-glass start -r "INC-4711: primary down, nobody of the on-call answers"'],
    audience: 'everybody',
    where: 'ssh',
  },
  async run(context) {
    const principal = personOf(context, 'the glass is broken over ssh');
    const reason = text(context, 'reason') ?? '';
    const asked = await context.services.breakGlassStart.ask({
      user: principal.user,
      address: principal.address,
      reason,
    });
    const begun = await prove(context, principal, asked);
    if (begun === null) return EXIT.interrupted;
    if (begun.kind === 'refused') {
      throw new HeldlineError('breakglass.refused', `no break-glass: ${begun.why}`, { kind: 'not-allowed' });
    }
    const { breakGlass } = begun;
    if (context.io.json) printJson(context.io, breakGlassJson(breakGlass));
    else context.io.err(openWords(breakGlass));
    return EXIT.done;
  },
};

export const breakGlassList: Verb = {
  spec: {
    path: ['break-glass', 'list'],
    summary: 'list break-glasses: open, to be reviewed, and of the last 30 days',
    arguments: [],
    options: [],
    examples: ['break-glass list', 'break-glass list --json'],
    audience: 'everybody',
  },
  async run(context) {
    const { services, io } = context;
    const seen = (await services.breakGlasses.list()).filter((one) => maySee(context, one));
    const now = services.clock.now();
    if (io.json) for (const one of seen) printJson(io, breakGlassJson(one));
    else {
      const rows = seen.map((one) => [one.id, one.user, String(one.uses), standing(one, now), one.reason]);
      io.out(columns(['ID', 'WHO', 'PASSED', 'STATE', 'WHY'], rows));
    }
    return EXIT.done;
  },
};

export const breakGlassShow: Verb = {
  spec: {
    path: ['break-glass', 'show'],
    summary: 'show one break-glass with the commands that passed',
    arguments: [ID],
    options: [],
    examples: ['break-glass show 7KQ2'],
    audience: 'everybody',
  },
  async run(context) {
    const one = await named(context, maySee);
    if (context.io.json) printJson(context.io, breakGlassJson(one));
    else context.io.out(breakGlassText(one, context.services.clock.now()));
    return EXIT.done;
  },
};

export const breakGlassEnd: Verb = {
  spec: {
    path: ['break-glass', 'end'],
    summary: 'end a break-glass: your own, or any for an auditor',
    arguments: [{ ...ID, help: 'the break-glass; your own open one without it', required: false }],
    options: [],
    examples: ['break-glass end', 'break-glass end 7KQ2'],
    audience: 'everybody',
  },
  async run(context) {
    const one = context.call.arguments.length === 0 ? await ownOpen(context) : await named(context, mayEnd);
    await context.services.breakGlasses.end(one, callerName(context));
    context.io.err(`heldline: break-glass ${one.id} has ended. What is held waits for people again.\n`);
    return EXIT.done;
  },
};

export const breakGlassReview: Verb = {
  spec: {
    path: ['break-glass', 'review'],
    summary: "close somebody else's break-glass after you have looked at what passed",
    arguments: [ID],
    options: [{ name: 'reason', short: 'r', value: 'TEXT', help: 'what you found, for the log' }],
    examples: ['break-glass review 7KQ2 -r "restarts only, see INC-4711"'],
    audience: 'everybody',
    where: 'ssh',
  },
  async run(context) {
    const { user, proof } = personOf(context, 'a review is given over ssh');
    const one = await named(context, maySee);
    const { services, io } = context;
    io.err(breakGlassText(one, services.clock.now()));
    const reviewer = { name: user, keyFingerprint: proof.keyFingerprint };
    await services.breakGlasses.review(one, reviewer, text(context, 'reason')?.trim() || null);
    if (io.json) printJson(io, breakGlassJson((await services.breakGlasses.find(one.id)) ?? one));
    else io.err(`heldline: break-glass ${one.id} is reviewed.\n`);
    return EXIT.done;
  },
};

type Begun = Awaited<AskedBreakGlass['begun']>;

/** Has the person prove who they are; null when they gave up. @throws HeldlineError when the proof does not count */
async function prove(context: VerbContext, principal: Principal, asked: AskedBreakGlass): Promise<Begun | null> {
  const { io, services } = context;
  const { request, begun } = asked;
  const { uid, policyHash } = request.statement;
  const giveUp = (): Promise<void> => services.desk.cancel(uid, 'given up');
  if (!request.requirement.stages.some(({ factors }) => factors.includes('totp'))) {
    io.err(
      `heldline: ${request.id} takes your signature: approve ${request.id} --sign. Waiting; Ctrl-C gives it up.\n`,
    );
    return Promise.race([begun, gone(io.cancelled, giveUp)]);
  }
  const code = await codeFrom(context, request.id);
  if (code === null) {
    await giveUp();
    return null;
  }
  const ballot = { uid, policyHash, voter: principal, digest: request.digest, door: 'ssh', reason: null, code };
  const outcome = await services.desk.vote({ ...ballot, verdict: 'approve' });
  if (outcome.kind === 'approved') return begun;
  await giveUp();
  if (outcome.kind === 'counted' || outcome.kind === 'denied' || outcome.kind === 'cancelled') return begun;
  throw voteRefusal(outcome, request);
}

async function codeFrom({ io }: VerbContext, id: string): Promise<string | null> {
  if (!io.interactive) return (await io.firstLine()) ?? '';
  return io.ask(`Your code to break the glass (${id}): `, { hidden: true });
}

function gone(cancelled: AbortSignal, giveUp: () => Promise<void>): Promise<null> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      giveUp().then(() => resolve(null), reject);
    };
    if (cancelled.aborted) leave();
    else cancelled.addEventListener('abort', leave, { once: true });
  });
}

function openWords({ id, from, until, reviewBy }: BreakGlass): string {
  return (
    `heldline: break-glass ${id} is open for ${formatDuration(until - from)}. What is held passes; others are told of each.\n` +
    `          End it: break-glass end. Somebody else has to review it until ${new Date(reviewBy).toISOString()}.\n`
  );
}

function personOf({ caller }: VerbContext, otherwise: string): Principal {
  if (caller.kind === 'person') return caller.principal;
  throw new HeldlineError('usage', otherwise, { kind: 'usage' });
}

async function named(
  context: VerbContext,
  may: (context: VerbContext, one: BreakGlass) => boolean,
): Promise<BreakGlass> {
  const [id = ''] = context.call.arguments;
  const one = await context.services.breakGlasses.find(id);
  if (one !== null && may(context, one)) return one;
  throw new HeldlineError('breakglass.unknown', `there is no break-glass ${visible(id)}`, {
    kind: 'not-found',
    hint: 'See: break-glass list',
  });
}

async function ownOpen(context: VerbContext): Promise<BreakGlass> {
  const user = callerName(context);
  const own = (await context.services.breakGlasses.list()).find((one) => one.user === user && one.state === 'open');
  if (own !== undefined && context.caller.kind === 'person') return own;
  throw new HeldlineError('breakglass.unknown', 'you have no open break-glass', { kind: 'not-found' });
}
