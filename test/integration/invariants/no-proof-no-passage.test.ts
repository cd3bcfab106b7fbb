/** Invariant 1: a session opens only with an `Access`, and the key that submits a line passes only with a decision or a spent grant. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Effect } from '../../../src/model/decision.ts';
import { SELF_REQUIREMENT } from '../../../src/model/requirement.ts';
import { Clearance, type ClearanceBasis } from '../../../src/session/clearance.ts';
import { GateBed } from '../../support/gate-bed.ts';
import { decideAbout } from '../../support/gate-parts.ts';
import { CODE } from '../../support/memory-approvals.ts';

const source = fileURLToPath(new URL('../../../src', import.meta.url));

/** The files of the product in which `text` stands, tests left out. */
async function filesWith(text: string): Promise<readonly string[]> {
  const names = (await readdir(source, { recursive: true })).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => ((await readFile(join(source, name), 'utf8')).includes(text) ? [name] : [])),
  );
  return found.flat().sort();
}

interface Arrival {
  readonly basis: ClearanceBasis;
  /** What stood on the target's line when the key arrived. */
  readonly line: string;
}

/** Every submit key that arrives at the target from now on; a pasted newline submits nothing. */
function watchArrivals(bed: GateBed): readonly Arrival[] {
  const arrivals: Arrival[] = [];
  const receive = bed.shell.receive.bind(bed.shell);
  let received = 0;
  bed.shell.receive = (bytes) => {
    const clearance = bed.sent[received];
    received += 1;
    const keys = Buffer.from(bytes).toString('latin1');
    if (clearance !== undefined && /^[\r\n]$/.test(keys))
      arrivals.push({ basis: clearance.basis, line: bed.shell.line });
    receive(bytes);
  };
  return arrivals;
}

/** What a person or a script may do at a prompt, harmless or not. */
const step = fc.oneof(
  fc.constantFrom('ls', 'rm -r old', 'mkfs /dev/x', 'r', 'm', ' ', '-r', 'x'),
  fc.constantFrom('\r', '\n', '\x03', '\x04', '\x15', '\x7f', '\x1b', '\x1b[A', '\x1b[D', '\t'),
  fc.constantFrom(`${CODE}\r`, '111111\r', `${CODE}`, '\x1b[200~rm -r old\nls\n\x1b[201~'),
);

/** Whether a decision or a spent grant let the key pass, or it submitted nothing. */
function isProven({ basis, line }: Arrival): boolean {
  switch (basis.kind) {
    case 'allowed':
      return basis.decision.effect === 'allow' || basis.decision.effect === 'auto-approve';
    case 'granted':
      return !basis.grant.spend();
    case 'edit':
      return line === '';
  }
}

describe('No proof, no passage', () => {
  test('whatever is typed, no submit key reaches the target without a decision or a spent grant', async () => {
    const run = async (steps: readonly string[]): Promise<void> => {
      const bed = new GateBed();
      const arrivals = watchArrivals(bed);
      for (const keys of steps) await bed.enter(keys, 60);
      await bed.pass(700);
      expect(arrivals.filter((arrival) => !isProven(arrival))).toEqual([]);
      const held = bed.executed.filter((line) => line.startsWith('rm'));
      expect(held.length).toBeLessThanOrEqual(bed.events.filter((type) => type === 'command.released').length);
      expect(bed.executed.filter((line) => line.startsWith('mkfs'))).toEqual([]);
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), run), { numRuns: 60 });
  });

  test.each<Effect>(['approve', 'deny'])('a decision "%s" makes no clearance', (effect) => {
    const decision = { ...decideAbout('ls', SELF_REQUIREMENT, 'p'), effect };
    expect(() => Clearance.forAllowed(Buffer.from('\r'), decision)).toThrow(TypeError);
  });

  test('proofs are made in the places that check, and nowhere else', async () => {
    expect(await filesWith('Access.proven(')).toEqual(['target/access-control.ts']);
    expect(await filesWith('Grant.afterConsumption(')).toEqual(['approval/desk.ts']);
    const clearing = [...(await filesWith('Clearance.forAllowed(')), ...(await filesWith('Clearance.forGrant('))];
    expect(clearing.filter((name) => !name.startsWith('session/'))).toEqual([]);
    expect(clearing.length).toBeGreaterThan(0);
  });
});
