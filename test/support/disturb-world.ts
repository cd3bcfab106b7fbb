/** What goes wrong around an approval desk while people use it: random tests of the desk draw from this. */
import fc from 'fast-check';
import type { DeskWorld, Trouble } from './desk-world.ts';

export type Disturbance =
  | { readonly kind: 'advance' | 'jump'; readonly ms: number }
  | { readonly kind: 'disable' | 'enable'; readonly who: string }
  | { readonly kind: 'trouble'; readonly step: string; readonly trouble: Trouble }
  | { readonly kind: 'calm' };

/** @param who whose accounts come and go @param steps of the desk that fail or hang */
export function disturbances(who: readonly string[], steps: readonly string[]): fc.Arbitrary<Disturbance> {
  const advance = { kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 300_000 }) };
  const jump = { kind: fc.constant('jump' as const), ms: fc.integer({ min: -20_000, max: 900_000 }) };
  const account = { kind: fc.constantFrom('disable' as const, 'enable' as const), who: fc.constantFrom(...who) };
  const kind = fc.constant('trouble' as const);
  const trouble = fc.constantFrom<Trouble>('throws', 'hangs');
  return fc.oneof(
    { arbitrary: fc.record(advance), weight: 2 },
    { arbitrary: fc.record(jump), weight: 1 },
    { arbitrary: fc.record(account), weight: 2 },
    { arbitrary: fc.record({ kind, step: fc.constantFrom(...steps), trouble }), weight: 1 },
    { arbitrary: fc.record({ kind: fc.constant('calm' as const) }), weight: 1 },
  );
}

/** Lets it happen. @param disabled the people who are disabled, kept up to date */
export async function disturb(one: Disturbance, world: DeskWorld, disabled: Set<string>): Promise<void> {
  switch (one.kind) {
    case 'advance':
      world.clock.advance(one.ms);
      return world.settle();
    case 'jump':
      return world.clock.jump(one.ms);
    case 'disable':
      disabled.add(one.who);
      return world.person(one.who, { disabled: true });
    case 'enable':
      disabled.delete(one.who);
      return world.person(one.who, { disabled: false });
    case 'trouble':
      world.troubles.set(one.step, one.trouble);
      return;
    case 'calm':
      return world.troubles.clear();
  }
}
