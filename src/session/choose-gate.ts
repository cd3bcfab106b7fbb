/** Which gate stands in a channel: by whether there is a terminal, and by what reads the input. */

import type { CommandContext } from '../model/command-line.ts';
import { readerOfInput } from '../policy/language/input-reader.ts';
import type { Recorder } from '../recording/recorder.ts';
import { Emulator } from '../terminal/emulator.ts';
import { KeyTokenizer } from '../terminal/keys.ts';
import { LineTracker } from '../terminal/line-tracker.ts';
import type { Admitted } from './admission.ts';
import type { ChannelGate } from './channel-gate.ts';
import type { FlowValve } from './flow-valve.ts';
import type { GateCollaborators } from './gate/collaborators.ts';
import { Gate } from './gate/gate.ts';
import { StrictGate } from './gate/strict-gate.ts';
import type { Judge } from './judge.ts';
import { LineGate } from './line-gate.ts';
import type { TargetLeg, TerminalRequest } from './ports.ts';
import type { SessionFacts } from './session-facts.ts';
import type { SessionRequest } from './session-request.ts';
import type { SessionServices } from './session-services.ts';
import { StreamGate } from './stream-gate.ts';
import type { Submissions } from './submissions.ts';

export interface GateChoice {
  readonly request: SessionRequest;
  readonly admission: Admitted;
  readonly target: TargetLeg;
  readonly recorder: Recorder;
  readonly services: SessionServices;
  readonly facts: SessionFacts;
  readonly judge: Judge;
  readonly submissions: Submissions;
  readonly valve: FlowValve;
  /** Ends the session; `code` is what the user's program exits with, when it is known. */
  readonly end: (why: string, code?: number) => void;
}

/** Rows of history that the emulator keeps: fewer and a long command's marks scroll away, more and memory grows. */
const SCROLLBACK = 100;

/** @returns the gate, ready to take input */
export function chooseGate(choice: GateChoice): ChannelGate {
  const { request, admission } = choice;
  const channel = request.request;
  if (channel.kind !== 'sftp' && channel.terminal !== null) return terminalGate(choice, channel.terminal);
  const reader = channel.kind === 'shell' ? 'shell' : inputContext(admission);
  if (admission.clear !== null && reader === null) return streamGate(choice, admission.clear);
  return lineGate(choice, reader ?? 'shell');
}

/** What reads the input of an admitted command as commands of its own; null when it is only data. */
function inputContext({ command, opening }: Admitted): CommandContext | null {
  if (opening.kind === 'sftp') return null;
  return command === null ? 'shell' : readerOfInput(command);
}

function streamGate(
  { request, target, valve, services }: GateChoice,
  clear: NonNullable<Admitted['clear']>,
): ChannelGate {
  const { lockdown } = services.judge;
  return new StreamGate({ user: request.leg, target, clear, lockdown, onUserFull: () => valve.shut('user') });
}

function lineGate(choice: GateChoice, context: CommandContext): ChannelGate {
  const { request, target, judge, submissions, valve, end } = choice;
  return new LineGate({
    user: request.leg,
    target,
    context,
    judge: (line, candidates) => judge.line(line, candidates),
    submissions,
    onRefused: (code) => end('a line of its input was refused', code),
    onUserFull: () => valve.shut('user'),
  });
}

function terminalGate(choice: GateChoice, terminal: TerminalRequest): ChannelGate {
  const { request, target, recorder, services, facts, judge, valve, end } = choice;
  const { clock, desk, audit, logger, phraseOf, burnCode } = services;
  const emulator = new Emulator({ ...terminal.size, scrollback: SCROLLBACK });
  const tracker = new LineTracker({ emulator, clock, roundTrip: () => request.leg.roundTrip });
  const { user } = facts.record;
  const mode = judge.lineMode;
  const parts: GateCollaborators = {
    facts,
    user: request.leg,
    target,
    emulator,
    tracker,
    keys: new KeyTokenizer(emulator),
    term: terminal.term,
    judge: (line, candidates) => judge.line(line, candidates, mode),
    desk,
    audit,
    recorder,
    clock,
    logger,
    phrase: () => phraseOf(user),
    burnCode: (code) => burnCode(user, code),
    valve,
    end,
  };
  return mode === 'strict' ? new StrictGate(parts, wasApproved(choice.admission)) : new Gate(parts);
}

/** People have approved the program that the session begins with. */
function wasApproved({ opening }: Admitted): boolean {
  return opening.kind === 'exec' && opening.command.basis.kind === 'granted';
}
