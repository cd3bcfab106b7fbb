/** Invariant 4: a submission, a vote and a release are in the audit log before they act; without the log nothing acts. */
import { describe, expect, test } from 'vitest';
import { DeskWorld, type Trouble } from '../../support/desk-world.ts';
import { GateBed } from '../../support/gate-bed.ts';
import { CODE } from '../../support/memory-approvals.ts';

describe('Audited before done', () => {
  test('when the key arrives, its event is written', async () => {
    const bed = new GateBed();
    const written: string[][] = [];
    const receive = bed.shell.receive.bind(bed.shell);
    bed.shell.receive = (bytes) => {
      if (Buffer.from(bytes).toString().includes('\r')) written.push([...bed.events]);
      receive(bytes);
    };
    await bed.enter('ls');
    await bed.enter('\r');
    await bed.hold();
    await bed.enter(`${CODE}\r`, 1000);
    expect(bed.executed).toEqual(['ls', 'rm -r old']);
    expect(written[0]).toEqual(['command.submitted']);
    const [before = []] = written.slice(-1);
    for (const type of [
      'command.submitted',
      'command.held',
      'approval.requested',
      'approval.vote',
      'command.released',
    ]) {
      expect(before).toContain(type);
    }
  });

  test.each(['command.submitted', 'command.held', 'approval.requested', 'approval.vote', 'command.released'])(
    'without %s in the log nothing is released',
    async (type) => {
      for (const fail of [() => Promise.reject(new RangeError('full')), () => new Promise<never>(() => {})]) {
        const bed = new GateBed();
        bed.approvals.audit.before = (draft) => (draft.type === type ? fail() : Promise.resolve());
        await bed.hold();
        await bed.enter(`${CODE}\r`, 60_000);
        expect(bed.executed.filter((line) => line !== '')).toEqual([]);
        expect(bed.released).toEqual([]);
      }
    },
  );

  test('without command.submitted in the log not even an ordinary line runs', async () => {
    const bed = new GateBed();
    bed.approvals.audit.before = () => Promise.reject(new RangeError('full'));
    await bed.enter('ls');
    await bed.enter('\r', 20_000);
    expect(bed.executed).toEqual([]);
  });

  test.each<Trouble>(['throws', 'hangs'])('a vote whose event %s approves nothing', async (trouble) => {
    const world = new DeskWorld();
    const request = await world.open();
    world.troubles.set('approval.vote', trouble);
    const voted = world.vote(request, 'alice');
    await world.settle();
    world.clock.advance(60_000);
    expect((await voted).kind).toBe('failed');
    expect((await world.desk.find(request.statement.uid))?.state).toBe('pending');
    expect((await world.consume(request)).kind).toBe('refused');
  });
});
