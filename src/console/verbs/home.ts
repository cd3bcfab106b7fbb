/** Plain `ssh bastion` in a terminal: who you are, what waits for you, where you can go. */
import { visible } from '../../base/visible.ts';
import { EXIT, type Verb } from '../verb.ts';
import { requests } from './request.ts';
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
    const { caller, io } = context;
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
  spec: { ...requests.spec, path: ['approvals'], where: 'ssh', examples: ['approvals'] },
};

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
