/** One's own sessions, newest first; Enter replays one. */
import type { TerminalSize } from '../../model/session.ts';
import type { RecordingFiles } from '../../recording/reader.ts';
import type { ScreenKey } from './key-reader.ts';
import { around, cell, entryRow, isNarrow, keyRow, titleRow } from './page-text.ts';
import type { Page } from './screen-visit.ts';

export type HistoryResult = { readonly kind: 'play'; readonly files: RecordingFiles } | { readonly kind: 'back' };

export class HistoryPage implements Page<HistoryResult> {
  readonly ticks = false;
  readonly #user: string;
  readonly #sessions: readonly RecordingFiles[];
  #chosen = 0;

  constructor(user: string, sessions: readonly RecordingFiles[]) {
    this.#user = user;
    this.#sessions = sessions;
  }

  rows({ cols, rows }: TerminalSize): readonly string[] {
    const height = Math.max(1, rows - 2);
    const entries = this.#sessions.map((one, index) => this.#entry(one, index === this.#chosen, cols));
    const list = entries.length === 0 ? [cell('   no sessions in the last 14 days', cols)] : entries;
    const shown = around(list, this.#chosen, height);
    const empty = Array.from({ length: Math.max(0, height - shown.length) }, () => '');
    const title = titleRow(` heldline   ${this.#user}`, 'your sessions', cols);
    return [title, ...shown, ...empty, keyRow(['up/down', 'Enter replay', 'Esc back'], cols)];
  }

  press(key: ScreenKey): HistoryResult | null {
    const letter = key.kind === 'text' ? key.text : '';
    const last = Math.max(0, this.#sessions.length - 1);
    if (key.kind === 'escape' || letter === 'q') return { kind: 'back' };
    if (key.kind === 'down' || letter === 'j') this.#chosen = Math.min(last, this.#chosen + 1);
    if (key.kind === 'up' || letter === 'k') this.#chosen = Math.max(0, this.#chosen - 1);
    const files = this.#sessions[this.#chosen];
    return key.kind === 'enter' && files !== undefined ? { kind: 'play', files } : null;
  }

  #entry({ meta, seal }: RecordingFiles, chosen: boolean, cols: number): string {
    const start = meta.startedAt.slice(5, 16).replace('T', ' ');
    const state = seal === null ? 'live' : seal.state;
    const place = `${meta.login}@${meta.target}`;
    const text = isNarrow(cols)
      ? `${start} ${place}`
      : `${start}  ${cell(place, 28)} ${cell(meta.kind, 6)} ${cell(state, 10)} ${meta.session}`;
    return entryRow(cell(`${chosen ? ' > ' : '   '}${text}`, cols), chosen, cols);
  }
}
