/** Keys to the HTTP API: `token add|list|remove`. Over ssh people see and make their own. */
import { parseDuration } from '../../base/duration.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { visible } from '../../base/visible.ts';
import type { ApiToken, TokenScope } from '../../identity/ports.ts';
import { columns } from '../columns.ts';
import { EXIT, type Verb, type VerbContext } from '../verb.ts';
import { callerName, printJson, text } from '../verb-values.ts';

const NAME = { name: 'NAME', help: 'what the token is called', required: true } as const;
const DEFAULT_LIFETIME = '90d';

export const tokenAdd: Verb = {
  spec: {
    path: ['token', 'add'],
    summary: 'make a token for the HTTP API; it is shown once and approves nothing without a code',
    arguments: [NAME],
    options: [
      { name: 'user', value: 'U', help: 'whose it is; over ssh always yours' },
      { name: 'for', value: 'DURATION', help: `how long it is good, ${DEFAULT_LIFETIME} unless said; at most 366d` },
      { name: 'scope', value: 'S', help: 'read, or decide: also vote, with the code of its person; read unless said' },
    ],
    examples: ['token add phone --user bob --scope decide', 'token add dashboard --user bob --for 30d'],
    audience: 'everybody',
  },
  async run(context) {
    const { io, call, services } = context;
    const [name = ''] = call.arguments;
    const draft = { name, user: ownerOf(context), lifetime: lifetimeOf(context), scope: scopeOf(context) };
    const { token, text: secret } = await services.tokens.add(draft, callerName(context));
    if (io.json) printJson(io, { ...tokenJson(token), token: secret });
    else {
      io.err(`Token ${name} of ${token.user}, scope ${token.scope}, until ${day(token)}. It is not shown again:\n`);
      io.out(`${secret}\n`);
    }
    return EXIT.done;
  },
};

export const tokenList: Verb = {
  spec: {
    path: ['token', 'list'],
    summary: 'list tokens of the HTTP API: over ssh your own',
    arguments: [],
    options: [],
    examples: ['token list', 'token list --json'],
    audience: 'everybody',
  },
  async run(context) {
    const { io, services } = context;
    const seen = (await services.tokens.list()).filter((token) => mayHandle(context, token));
    const now = services.clock.now();
    if (io.json) for (const token of seen) printJson(io, { ...tokenJson(token), expired: token.expiresAt <= now });
    else
      io.out(
        columns(
          ['NAME', 'USER', 'SCOPE', 'UNTIL', 'MADE BY'],
          seen.map((token) => rowOf(token, now)),
        ),
      );
    return EXIT.done;
  },
};

export const tokenRemove: Verb = {
  spec: {
    path: ['token', 'remove'],
    summary: 'end a token at once, and the votes given with it that have not released anything yet',
    arguments: [NAME],
    options: [],
    examples: ['token remove phone'],
    audience: 'everybody',
  },
  async run(context) {
    const [name = ''] = context.call.arguments;
    const { tokens } = context.services;
    const token = await tokens.remove(visible(name), callerName(context), (one) => mayHandle(context, one));
    context.io.err(`Removed the token ${token.name} of ${token.user}.\n`);
    return EXIT.done;
  },
};

function mayHandle({ caller }: VerbContext, token: ApiToken): boolean {
  return caller.kind === 'local' || caller.principal.user === token.user;
}

/** @throws HeldlineError `usage` when the local command line names nobody, `token.foreign` for somebody else's over ssh */
function ownerOf(context: VerbContext): string {
  const named = text(context, 'user');
  const { caller } = context;
  if (caller.kind === 'local') {
    if (named !== undefined) return named;
    throw new HeldlineError('usage', 'token add needs --user U: whose it is', { kind: 'usage' });
  }
  const { user } = caller.principal;
  if (named === undefined || named === user) return user;
  throw new HeldlineError('token.foreign', 'over ssh you make tokens for yourself only', { kind: 'not-allowed' });
}

/** ms. @throws HeldlineError `usage` */
function lifetimeOf(context: VerbContext): number {
  const given = text(context, 'for') ?? DEFAULT_LIFETIME;
  const lifetime = parseDuration(given);
  if (lifetime !== undefined) return lifetime;
  const message = `--for is "${visible(given)}"; write a duration such as 90d`;
  throw new HeldlineError('usage', message, { kind: 'usage' });
}

/** @throws HeldlineError `usage` */
function scopeOf(context: VerbContext): TokenScope {
  const given = text(context, 'scope') ?? 'read';
  if (given === 'read' || given === 'decide') return given;
  throw new HeldlineError('usage', `--scope is "${visible(given)}"; allowed: read, decide`, { kind: 'usage' });
}

function tokenJson({ id, name, user, scope, createdAt, createdBy, expiresAt }: ApiToken): Record<string, unknown> {
  const made = { created_at: iso(createdAt), created_by: createdBy };
  return { id, name, user, scope, ...made, expires_at: iso(expiresAt) };
}

function rowOf(token: ApiToken, now: number): string[] {
  const until = `${day(token)}${token.expiresAt <= now ? ' (expired)' : ''}`;
  return [token.name, token.user, token.scope, until, token.createdBy];
}

function day({ expiresAt }: ApiToken): string {
  return iso(expiresAt).slice(0, 10);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
