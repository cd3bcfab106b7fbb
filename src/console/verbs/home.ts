/** Plain `ssh bastion` in a terminal: who you are, what waits for you, where you can go. */
import { HeldlineError } from '../../base/heldline-error.ts';
import { visible } from '../../base/visible.ts';
import { showInbox } from '../screen/inbox.ts';
import { showPicker } from '../screen/picker.ts';
import { ScreenVisit } from '../screen/screen-visit.ts';
import { EXIT, type Verb, type VerbContext } from '../verb.ts';
import { requests } from './request.ts';
import { playerTerminal } from './session-play.ts';
import { targets } from './target.ts';

export const home: Verb = {
  spec: {
    path: ['home'],
    summary: 'show your targets and what waits for you',
    arguments: [],
    options: [],
    examples: ['home'],
    audience: 'everybody',
    where: 'ssh',
  },
  run: async (context) => {
    const { caller, io, connect } = context;
    if (caller.kind === 'person' && io.fullScreen === true) {
      const picked = await visitPages(context, (visit) => showPicker(context, caller.principal, visit));
      if (picked !== null) await connect?.(picked.target, picked.login);
      return EXIT.done;
    }
    const name = caller.kind === 'person' ? caller.principal.user : caller.account;
    io.out(`heldline   ${visible(name)}\n\n`);
    await targets.run(context);
    io.out('\n');
    await requests.run(context);
    io.out('\nSee all commands: help\n');
    return EXIT.done;
  },
};

/** The other name of the same list of waiting requests, for approvers. */
export const approvals: Verb = {
  ...requests,
  spec: {
    ...requests.spec,
    path: ['approvals'],
    summary: 'decide on what waits for you; without a terminal, list it',
    where: 'ssh',
    examples: ['approvals'],
  },
  run: async (context) => {
    const { caller, io } = context;
    if (caller.kind !== 'person' || io.fullScreen !== true || io.json) return requests.run(context);
    await visitPages(context, (visit) => showInbox(context, caller.principal, visit));
    return EXIT.done;
  },
};

function visitPages<T>(context: VerbContext, stay: (visit: ScreenVisit) => Promise<T>): Promise<T> {
  const { io, services } = context;
  const terminal = playerTerminal(io);
  if (terminal === null)
    throw new HeldlineError('usage', 'this needs a terminal', { kind: 'usage', hint: 'Use: ssh -t' });
  return ScreenVisit.run({ terminal, clock: services.clock, gone: io.cancelled }, stay);
}

export const whoami: Verb = {
  spec: {
    path: ['whoami'],
    summary: 'show who you are to the bastion',
    arguments: [],
    options: [],
    examples: ['whoami'],
    audience: 'everybody',
    where: 'ssh',
  },
  run: ({ caller, io }) => {
    if (caller.kind === 'person') {
      const { user, roles, proof, address } = caller.principal;
      io.out(`${user}\nroles: ${roles.join(', ') || 'none'}\nkey: ${proof.keyFingerprint}\nfrom: ${address}\n`);
    }
    return Promise.resolve(EXIT.done);
  },
};
