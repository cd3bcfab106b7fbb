/** `ssh bastion ...` without a target: runs a verb, or shows what there is. */
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { Principal } from '../model/principal.ts';
import { AUDITOR } from '../model/roles.ts';
import type { ChannelRequest, Route, UserLeg } from '../session/ports.ts';
import type { SessionRequest } from '../session/session-request.ts';
import { helpOf, helpOverview } from './help-text.ts';
import { LegIo } from './leg-io.ts';
import { exitCodeOf, runVerb, showFailure } from './run-verb.ts';
import type { ConsoleServices } from './services.ts';
import { EXIT, type Verb, type VerbContext } from './verb.ts';
import { parseVerb, splitWords } from './verb-line.ts';

export interface ConsoleDoorParts {
  readonly verbs: readonly Verb[];
  readonly services: ConsoleServices;
  readonly logger: Logger;
  /** The verb behind plain `ssh bastion` in a terminal. */
  readonly home: Verb;
  /** Where the target picker leads. */
  readonly sessions: { open(request: SessionRequest): Promise<void> };
  /** What people type to reach the bastion. */
  readonly bastion: string;
}

export interface ConsoleVisit {
  readonly principal: Principal;
  readonly request: ChannelRequest;
  readonly leg: UserLeg;
  readonly route: Route;
  readonly client: string;
  /** Asked before a session opens where the picker leads: why not, in words for the person; null when it may. */
  readonly onConnect?: (target: string, login: string) => Promise<string | null>;
}

export class ConsoleDoor {
  readonly #parts: ConsoleDoorParts;

  constructor(parts: ConsoleDoorParts) {
    this.#parts = parts;
  }

  /** Serves one channel. Never rejects; the leg is ended in every case. */
  async open(visit: ConsoleVisit): Promise<void> {
    try {
      await this.#serve(visit);
    } catch (failure) {
      this.#parts.logger.error('a console channel failed', {
        user: visit.principal.user,
        failure: describeFailure(failure),
      });
      visit.leg.close();
    }
  }

  async #serve(visit: ConsoleVisit): Promise<void> {
    const words = this.#wordsOf(visit);
    const terminal = visit.request.kind === 'sftp' ? null : visit.request.terminal;
    const json = words.includes('--json');
    const io = new LegIo(visit.leg, terminal, { json, noInput: words.includes('--no-input') });
    const code = await this.#run(words, visit, io);
    await io.finish({ kind: 'code', code });
  }

  #wordsOf({ request }: ConsoleVisit): string[] {
    if (request.kind !== 'exec') return [];
    return splitWords(Buffer.from(request.command).toString('utf8'));
  }

  async #run(words: readonly string[], visit: ConsoleVisit, io: LegIo): Promise<number> {
    const { services, bastion } = this.#parts;
    const verbs = this.#verbsFor(visit.principal);
    const caller = { kind: 'person', principal: visit.principal } as const;
    if (words.length === 0 || words[0] === 'help' || words[0] === '--help') {
      if (words.length > 0 || !io.interactive) return this.#help(verbs, io);
      const connect = this.#connector(visit, io);
      return runVerb(this.#parts.home, { call: { arguments: [], options: {} }, caller, io, services, connect });
    }
    try {
      const { verb, call, help } = parseVerb(words, verbs);
      if (help) {
        io.out(helpOf(verb.spec, `ssh ${bastion}`));
        return EXIT.done;
      }
      const context: VerbContext = { call, caller, io, services };
      return await runVerb(verb, context);
    } catch (failure) {
      if (!(failure instanceof HeldlineError)) throw failure;
      showFailure(failure, io);
      return exitCodeOf(failure);
    }
  }

  /** Opens a shell on a target in the person's terminal, in place of the console. */
  #connector(visit: ConsoleVisit, io: LegIo): NonNullable<VerbContext['connect']> {
    const { principal, route, client, request, leg, onConnect } = visit;
    return async (target, login) => {
      const refusal = (await onConnect?.(target, login)) ?? null;
      if (refusal !== null) throw new HeldlineError('console.refused', refusal, { kind: 'not-allowed' });
      await this.#parts.sessions.open({
        principal,
        target,
        login,
        door: leg.door,
        request: { kind: 'shell', terminal: io.terminal, environment: request.environment },
        leg: io.handOver(),
        route,
        client,
      });
    };
  }

  #help(verbs: readonly Verb[], io: LegIo): number {
    io.out(helpOverview(verbs, this.#parts.bastion));
    return EXIT.done;
  }

  #verbsFor(principal: Principal): Verb[] {
    const auditor = principal.roles.includes(AUDITOR);
    return this.#parts.verbs.filter(({ spec }) => {
      if (spec.where === 'local' || spec.audience === 'local') return false;
      return spec.audience === 'everybody' || auditor;
    });
  }
}
