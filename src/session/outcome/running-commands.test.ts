/** How a released command ended: what is written down, and that nothing is told as a success that was not reported. */
import { describe, expect, test } from 'vitest';
import { DeskWorld, draft } from '../../../test/support/desk-world.ts';
import { FACTS } from '../../../test/support/session-facts.ts';
import type { AuditDraft } from '../../model/audit-event.ts';
import type { CommandOutcome } from '../../model/command-outcome.ts';
import { SELF_REQUIREMENT } from '../../model/requirement.ts';
import { type FinishedCommand, type ReleasedCommand, RunningCommands } from './running-commands.ts';

class Bed {
  readonly world = new DeskWorld();
  readonly notes: AuditDraft[] = [];
  readonly finished: FinishedCommand[] = [];
  readonly commands: RunningCommands;

  constructor() {
    this.commands = new RunningCommands({
      facts: FACTS,
      clock: this.world.clock,
      note: (event) => this.notes.push(event),
      onFinished: (one) => this.finished.push(one),
    });
  }

  async released(command = 'rm -r old-logs'): Promise<ReleasedCommand> {
    const request = await this.world.open({ command });
    const line = { confidence: 'exact', text: command, context: 'shell', hidden: false } as const;
    return { request, decision: draft(SELF_REQUIREMENT).decision, line, submitted: 'event-1' };
  }

  get outcomes(): readonly CommandOutcome[] {
    return this.finished.map((one) => one.outcome);
  }
}

describe('a command of its own channel', () => {
  test.each<[CommandOutcome, string]>([
    [{ kind: 'code', code: 0 }, 'success'],
    [{ kind: 'code', code: 7 }, 'failure'],
    [{ kind: 'signal', signal: 'TERM' }, 'failure'],
    [{ kind: 'disconnect' }, 'error'],
    [{ kind: 'unknown' }, 'error'],
  ])('that ends with %j is written down as %s, once, with its duration', async (outcome, written) => {
    const bed = new Bed();
    const released = await bed.released();
    bed.commands.commandBegan(released);
    bed.world.clock.advance(1500);
    bed.commands.channelEnded(outcome);
    bed.commands.channelEnded({ kind: 'unknown' });
    expect(bed.notes).toHaveLength(1);
    expect(bed.notes[0]).toMatchObject({
      type: 'command.finished',
      outcome: written,
      reason: 'reported by the target',
      session: { id: 'session-1' },
      command: { text: 'rm -r old-logs', of: 'event-1' },
      approval: { uid: released.request.statement.uid },
      detail: { status: outcome, durationMs: 1500 },
    });
    expect(bed.finished).toHaveLength(1);
  });

  test('is not ended by marks that its output prints', async () => {
    const bed = new Bed();
    bed.commands.commandBegan(await bed.released());
    bed.commands.markSeen(0);
    bed.commands.atPrompt('$ ');
    expect(bed.finished).toEqual([]);
    bed.commands.channelEnded({ kind: 'code', code: 1 });
    expect(bed.outcomes).toEqual([{ kind: 'code', code: 1 }]);
  });
});

describe('a line of a shell', () => {
  test("ends with the shell's mark; marks of other commands say nothing", async () => {
    const bed = new Bed();
    bed.commands.markSeen(9);
    bed.commands.lineBegan(await bed.released(), '$ ');
    bed.commands.markSeen(3);
    bed.commands.markSeen(0);
    expect(bed.outcomes).toEqual([{ kind: 'code', code: 3 }]);
  });

  test('is unknown when the mark names no code', async () => {
    const bed = new Bed();
    bed.commands.lineBegan(await bed.released(), '$ ');
    bed.commands.markSeen(null);
    expect(bed.outcomes).toEqual([{ kind: 'unknown' }]);
  });

  test('is unknown once its prompt is back in a shell without marks, not at a question of the program', async () => {
    const bed = new Bed();
    bed.commands.lineBegan(await bed.released(), '$ ');
    bed.commands.atPrompt('Continue? [y/N] ');
    bed.commands.atPrompt('');
    expect(bed.finished).toEqual([]);
    bed.commands.atPrompt('$ ');
    expect(bed.outcomes).toEqual([{ kind: 'unknown' }]);
  });

  test('waits for its mark in a shell that has marks', async () => {
    const bed = new Bed();
    bed.commands.markSeen(0);
    bed.commands.lineBegan(await bed.released(), '$ ');
    bed.commands.atPrompt('$ ');
    expect(bed.finished).toEqual([]);
    bed.commands.markSeen(4);
    expect(bed.outcomes).toEqual([{ kind: 'code', code: 4 }]);
  });

  test('is unknown when the next one is released without a word of its end', async () => {
    const bed = new Bed();
    bed.commands.lineBegan(await bed.released('rm -r a'), '');
    bed.commands.lineBegan(await bed.released('rm -r b'), '');
    expect(bed.finished.map((one) => one.request.statement.command)).toEqual(['rm -r a']);
    expect(bed.outcomes).toEqual([{ kind: 'unknown' }]);
  });

  test.each<[CommandOutcome, CommandOutcome]>([
    [{ kind: 'disconnect' }, { kind: 'disconnect' }],
    // The shell's own status says nothing of its last line.
    [{ kind: 'code', code: 0 }, { kind: 'unknown' }],
  ])('when the channel ends with %j is %j', async (ending, outcome) => {
    const bed = new Bed();
    bed.commands.lineBegan(await bed.released(), '$ ');
    bed.commands.channelEnded(ending);
    expect(bed.outcomes).toEqual([outcome]);
  });
});
