/** Debian's `mosh` on somebody's machine, in a window: the wrapper, its ssh and the client. */
import type { Person } from './person.ts';
import { ScreenTerminal } from './screen-terminal.ts';

export interface MoshWindowOptions {
  readonly cols?: number;
  readonly rows?: number;
  /** When the client shows keys before they were echoed; `adaptive` without it. */
  readonly predict?: 'always' | 'adaptive' | 'never';
}

/** @param words what stands behind `--`: where to, and what to run there; none for the picker */
export async function moshWindow(
  person: Person,
  words: readonly string[],
  { cols = 100, rows = 30, predict = 'adaptive' }: MoshWindowOptions = {},
): Promise<ScreenTerminal> {
  const { configFile } = await person.console();
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: '/',
    LC_ALL: 'C.UTF-8',
    MOSH_NO_TERM_INIT: '1',
    MOSH_PREDICTION_DISPLAY: predict,
  };
  const route = words.length === 0 ? [] : ['--', ...words];
  return ScreenTerminal.start('mosh', [`--ssh=ssh -F ${configFile}`, 'server', ...route], { cols, rows, env });
}
