import { describe, expect, test } from 'vitest';
import { randomNumbers } from '../../../test/support/random-numbers.ts';
import { PathLoss } from './path-loss.ts';

/** What is thought of a path after `count` datagrams were sent over it. */
function pathAfter(count: number, lost: (index: number) => boolean): PathLoss {
  const loss = new PathLoss();
  let missing = 0;
  for (let index = 0; index < count; index += 1) {
    if (lost(index)) missing += 1;
    else {
      loss.heard(missing);
      missing = 0;
    }
  }
  return loss;
}

describe('a path', () => {
  test('is not lossy before anything is known, nor when nothing is lost', () => {
    expect(new PathLoss().lossy).toBe(false);
    expect(pathAfter(1000, () => false).lossy).toBe(false);
  });

  test('is lossy when a third is lost, and not any more once that is over', () => {
    expect(pathAfter(300, (index) => index % 3 === 0).lossy).toBe(true);
    expect(pathAfter(300, (index) => index < 250 && index % 3 === 0).lossy).toBe(false);
  });

  test('of 3 % by chance is seldom taken for lossy', () => {
    const random = randomNumbers(7);
    let lossy = 0;
    for (let round = 0; round < 500; round += 1) if (pathAfter(100, () => random() < 0.03).lossy) lossy += 1;
    expect(lossy).toBeLessThan(50);
  });

  test('that only reorders is not lossy: what came late was not lost', () => {
    const loss = new PathLoss();
    for (let pair = 0; pair < 100; pair += 1) {
      loss.heard(1);
      loss.heardLate();
    }
    expect(loss.lossy).toBe(false);
  });

  test('is judged anew soon after a blackout', () => {
    const loss = pathAfter(20, () => false);
    loss.heard(500);
    for (let clean = 0; clean < 20; clean += 1) loss.heard(0);
    expect(loss.lossy).toBe(false);
  });
});
