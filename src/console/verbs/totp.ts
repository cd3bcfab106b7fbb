/** One-time codes: `totp enroll|import|reset|unlock` for administrators, `enroll` over ssh for oneself. */
import { HeldlineError } from '../../base/heldline-error.ts';
import { enrolmentQr } from '../../identity/enrolment-qr.ts';
import type { BeginOutcome } from '../../identity/totp-enrolment.ts';
import { codeRefusal } from '../code-refusal.ts';
import { EXIT, type Verb, type VerbContext } from '../verb.ts';
import { callerName, flag, lines, printJson, text } from '../verb-values.ts';

const NAME = { name: 'NAME', help: 'the person', required: true } as const;

export const totpEnroll: Verb = {
  spec: {
    path: ['totp', 'enroll'],
    summary: 'print a one-time word with which a person may enrol within 15 minutes',
    arguments: [NAME],
    options: [],
    examples: ['totp enroll bob'],
    audience: 'local',
  },
  async run(context) {
    const [name = ''] = context.call.arguments;
    return showWord(context, name);
  },
};

export const totpImport: Verb = {
  spec: {
    path: ['totp', 'import'],
    summary: 'give a person a known secret, for migration and automation',
    arguments: [NAME],
    options: [{ name: 'secret-file', value: 'F', file: 'line', help: 'base32 secret, "-" for standard input' }],
    examples: ['totp import robot-ci --secret-file -'],
    audience: 'local',
  },
  async run(context) {
    const [name = ''] = context.call.arguments;
    const [secret] = lines(text(context, 'secret-file') ?? '');
    if (secret === undefined)
      throw new HeldlineError('usage', 'totp import needs --secret-file with a base32 secret', { kind: 'usage' });
    await context.services.enrolment.importSecret(name, secret, callerName(context));
    context.io.err(`Imported the secret of ${name}.\n`);
    return EXIT.done;
  },
};

export const totpReset: Verb = {
  spec: {
    path: ['totp', 'reset'],
    summary: "take a person's one-time codes away and print a word to enrol anew",
    arguments: [NAME],
    options: [],
    examples: ['totp reset alice'],
    audience: 'local',
  },
  async run(context) {
    const [name = ''] = context.call.arguments;
    await context.services.enrolment.reset(name, callerName(context));
    return showWord(context, name);
  },
};

export const totpUnlock: Verb = {
  spec: {
    path: ['totp', 'unlock'],
    summary: "let a locked person's codes be looked at again",
    arguments: [NAME],
    options: [],
    examples: ['totp unlock alice'],
    audience: 'local',
  },
  async run(context) {
    const [name = ''] = context.call.arguments;
    if (await context.services.codes.unlock(name, callerName(context))) {
      context.io.err(`Unlocked ${name}.\n`);
      return EXIT.done;
    }
    throw new HeldlineError('totp.none', `${name} has no one-time codes`, { kind: 'not-found' });
  },
};

export const enroll: Verb = {
  spec: {
    path: ['enroll'],
    summary: 'set up your one-time codes: scan, type a code, done',
    arguments: [],
    options: [{ name: 'recovery', help: 'your phone is lost: begin with a recovery code' }],
    examples: ['enroll', 'enroll --recovery'],
    audience: 'everybody',
    where: 'ssh',
  },
  async run(context) {
    const { io, caller } = context;
    if (caller.kind !== 'person') throw new HeldlineError('usage', 'enrol over ssh', { kind: 'usage' });
    if (!io.interactive)
      throw new HeldlineError('usage', 'enrolment needs a terminal', { kind: 'usage', hint: 'Use: ssh -t' });
    const user = caller.principal.user;
    const begun = await begin(context, user);
    if (begun === null) return EXIT.interrupted;
    if (begun.kind !== 'begun') throw new HeldlineError('enroll.refused', beginRefusal(begun), { kind: 'not-allowed' });
    showSecret(context, begun.enrolment.uri, begun.enrolment.secret);
    return proveCode(context, user);
  },
};

async function showWord(context: VerbContext, name: string): Promise<number> {
  const { enrolment, bastion } = context.services;
  const word = await enrolment.issueWord(name, callerName(context));
  if (context.io.json) printJson(context.io, { user: name, enrolment_word: word });
  else
    context.io.out(
      `${name} enrols within 15 minutes with: ssh -t ${bastion.reach(name)} enroll\nOne-time word: ${word}\n`,
    );
  return EXIT.done;
}

async function begin(context: VerbContext, user: string): Promise<BeginOutcome | null> {
  const { enrolment, codes } = context.services;
  const { io } = context;
  if (flag(context, 'recovery')) {
    const code = await io.ask('A recovery code: ', { hidden: true });
    return code === null ? null : enrolment.beginWithRecovery(user, code);
  }
  if (await codes.isEnrolled(user)) {
    const code = await io.ask('You have codes already. Your current code: ', { hidden: true });
    return code === null ? null : enrolment.beginWithCode(user, code);
  }
  const word = await io.ask('The one-time word that an administrator gave you: ', { hidden: true });
  return word === null ? null : enrolment.beginWithWord(user, word);
}

function beginRefusal(outcome: Exclude<BeginOutcome, { kind: 'begun' }>): string {
  switch (outcome.kind) {
    case 'no-word':
      return 'there is no one-time word for you; ask an administrator for: heldline totp enroll';
    case 'word-expired':
      return 'that word is too old; ask an administrator for a new one';
    case 'wrong':
      return `that is not the word; ${outcome.triesLeft} tries left`;
    case 'code':
      return codeRefusal(outcome.outcome);
  }
}

function showSecret({ io }: VerbContext, uri: string, secret: string): void {
  const qr = enrolmentQr(uri);
  if (qr.width <= io.size.cols && qr.rows.length + 2 <= io.size.rows)
    io.out(`Scan this, then type the code it shows.\n${qr.rows.join('\n')}\n`);
  io.out(`Or type the key: ${secret.replace(/.{4}/g, '$& ').trim()}\n`);
}

async function proveCode({ io, services }: VerbContext, user: string): Promise<number> {
  for (;;) {
    const code = await io.ask('Code: ', { hidden: true });
    if (code === null) return EXIT.interrupted;
    const outcome = await services.enrolment.activate(user, code);
    if (outcome.kind === 'not-begun')
      throw new HeldlineError('enroll.late', 'that took too long; begin again', { kind: 'not-allowed' });
    if (outcome.kind === 'wrong') {
      io.out('That code is not right.\n');
      continue;
    }
    io.out(
      `Done. Keep these ${outcome.recoveryCodes.length} recovery codes offline; each works once, and only to enrol again:\n`,
    );
    io.out(outcome.recoveryCodes.map((recovery) => `  ${recovery}\n`).join(''));
    io.out(`Every panel shows your phrase: ${outcome.phrase}. A panel without it is not from heldline.\n`);
    return EXIT.done;
  }
}
