/** The three answers of a test on words, combined. */
import type { Match } from '../analysis.ts';

/** The strongest answer; `no` for none. */
export function anyMatch(answers: Iterable<Match>): Match {
  let best: Match = 'no';
  for (const answer of answers) {
    if (answer === 'yes') return 'yes';
    if (answer === 'possible') best = 'possible';
  }
  return best;
}

/** The weakest answer; `yes` for none. */
export function allMatch(answers: Iterable<Match>): Match {
  let worst: Match = 'yes';
  for (const answer of answers) {
    if (answer === 'no') return 'no';
    if (answer === 'possible') worst = 'possible';
  }
  return worst;
}

export function notMatch(answer: Match): Match {
  if (answer === 'possible') return 'possible';
  return answer === 'yes' ? 'no' : 'yes';
}

export function matchIf(value: boolean): Match {
  return value ? 'yes' : 'no';
}
