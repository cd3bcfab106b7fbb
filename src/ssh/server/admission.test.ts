import { describe, expect, test } from 'vitest';
import { Admission } from './admission.ts';

const LIMITS = { unauthenticatedPerAddress: 3, unauthenticated: { start: 5, full: 10 } };

describe('admission', () => {
  test('an address has its share and no more, until a place is given back', () => {
    const admission = new Admission(LIMITS, () => 0.99);
    const places = [admission.enter('a'), admission.enter('a'), admission.enter('a')];
    expect(places.every((place) => place !== null)).toBe(true);
    expect(admission.enter('a')).toBeNull();
    expect(admission.enter('b')).not.toBeNull();
    places[0]?.();
    places[0]?.();
    expect(admission.enter('a')).not.toBeNull();
    expect(admission.enter('a')).toBeNull();
    expect(admission.waiting).toBe(4);
  });

  test('from the start on, newcomers are dropped at random; when full, all of them', () => {
    const lucky = new Admission(LIMITS, () => 0.99);
    const unlucky = new Admission(LIMITS, () => 0);
    const enter = (admission: Admission) =>
      Array.from({ length: 20 }, (_, i) => admission.enter(`h${i}`)).filter((place) => place !== null).length;
    expect(enter(lucky)).toBe(10);
    expect(enter(unlucky)).toBe(5);
  });
});
