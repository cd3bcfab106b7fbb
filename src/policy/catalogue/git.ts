/** Git: history that cannot be had back. */
import { all, any, flag, like, oneOf, operand, sub, without, word } from '../matching/command-test.ts';
import type { CatalogueEntry } from './entry.ts';
import { on } from './entry.ts';

/** `+main`, `:old`: overwrites or deletes a remote reference. */
const FORCED_REFERENCE = /^[+:]./;

export const GIT_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'git.push-force',
    severity: 'high',
    why: 'Rewrites or deletes shared history.',
    alternative: 'git push without force, or git revert.',
    cases: [
      on(
        'git',
        all(
          sub('push'),
          any(flag('-f|--force|--force-with-lease|--mirror|--delete|-d|--prune'), operand(like(FORCED_REFERENCE))),
          without('--dry-run|-n'),
        ),
      ),
    ],
    positive: [
      'git push --force origin main',
      'git push -f',
      'git push origin +main',
      'git push origin --delete x',
      'git push origin :x',
    ],
    negative: ['git push origin main', 'git push --dry-run -f'],
  },
  {
    id: 'git.discard',
    severity: 'medium',
    why: 'Throws away uncommitted work.',
    alternative: 'git stash keeps the work.',
    cases: [
      on(
        'git',
        any(
          all(sub('reset'), flag('--hard|--merge|--keep')),
          all(sub('checkout'), any(flag('-f|--force'), word(oneOf('--', '.')))),
          all(sub('restore'), any(without('--staged|-S'), flag('--worktree|-W'))),
          sub('stash clear', 'stash drop'),
          all(sub('switch'), flag('-f|--force|--discard-changes')),
        ),
      ),
    ],
    positive: ['git reset --hard HEAD~3', 'git checkout -- .', 'git restore .', 'git stash clear'],
    negative: ['git reset HEAD x', 'git status', 'git stash list'],
  },
  {
    id: 'git.history',
    severity: 'high',
    why: 'Rewrites history or expires the safety net.',
    cases: [
      on(
        'git',
        any(
          sub('filter-branch', 'filter-repo', 'reflog expire', 'reflog delete', 'update-ref', 'prune'),
          all(sub('gc'), flag('--prune')),
        ),
      ),
      on('bfg git-filter-repo'),
    ],
    positive: [
      'git filter-branch --all',
      'git filter-repo --path x',
      'git reflog expire --expire=now --all',
      'git gc --prune=now',
    ],
    negative: ['git reflog', 'git gc'],
  },
  {
    id: 'git.branch-delete',
    severity: 'medium',
    why: 'Deletes branches or tags.',
    cases: [
      on('git', any(all(sub('branch'), flag('-D|-d|--delete')), all(sub('tag'), flag('-d|--delete')))),
      on('gh', sub('repo delete', 'release delete', 'repo archive', 'secret delete')),
    ],
    positive: ['git branch -D x', 'git tag -d v1'],
    negative: ['git branch -a', 'git tag'],
  },
];
