/**
 * What the panel of a held line looks like: a pure function from what is known to lines of styled text.
 * Whatever came from a target, a user or a policy passes the escaper, so that the panel can show it without
 * obeying it. Where the lines go on the screen, and how they are written, is `overlay.ts`.
 */
import stringWidth from 'string-width';
import { formatCountdown } from '../base/duration.ts';
import { visible, visibleShort } from '../base/visible.ts';
import type { TerminalSize } from '../model/session.ts';
import { cutText, foldText } from './fold-text.ts';

/** What does not change while the panel is up. Texts are foreign: they are escaped here. */
export interface PanelView {
  /** The short id, which is the match code too. */
  readonly id: string;
  /** `high, rm-recursive`: severity and rule. */
  readonly label: string;
  /** One or two sentences: what the line does, who has to approve. */
  readonly why: string;
  /** The exact text that is asked for; null when the target did not echo it. */
  readonly command: string | null;
  /** What the user chose at enrolment; a panel without it is not ours. */
  readonly phrase: string | null;
}

/** What the panel is waiting for. */
export type PanelEntry =
  | { readonly kind: 'code'; readonly digits: number }
  | { readonly kind: 'reason'; readonly text: string }
  | { readonly kind: 'waiting'; readonly who: string }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'ready'; readonly by: string; readonly comment: string | null }
  | { readonly kind: 'busy' };

export interface PanelState {
  readonly entry: PanelEntry;
  /** The answer to the last key or code, one sentence. */
  readonly note: string | null;
  /** Which part of a text that is too long for one screen is shown, from 0. */
  readonly page: number;
  /** ms until the request expires. */
  readonly timeLeft: number;
}

export type PanelStyle = 'plain' | 'frame' | 'strong';

export interface PanelSpan {
  readonly text: string;
  readonly style: PanelStyle;
}

export interface PanelFrame {
  /** Each exactly as wide as the terminal, or shorter in the one-line form. */
  readonly lines: readonly (readonly PanelSpan[])[];
  /** Cell of the entry's cursor within the panel; null: hidden. */
  readonly cursor: { readonly row: number; readonly col: number } | null;
  /** In how many parts the command has to be read. */
  readonly pages: number;
}

const CODE_LENGTH = 6;
const LEAST_COLS = 40;
const LEAST_ROWS = 6;
/** Rows beside command and explanation: two borders, the entry, a note, and the held line above the panel. */
const FIXED_ROWS = 5;
const MOST_WHY_ROWS = 3;
/** Cells right of an entry: its keys and the time. */
const ENTRY_HINTS = 32;
/** What else can be done while others are waited for, until there is something to say. */
const WAITING_KEYS = 'r remind   m message   u urgency';

/** The panel for a terminal of `size`; one line when that is under 40 columns or 6 rows. */
export function drawPanel(view: PanelView, state: PanelState, size: TerminalSize): PanelFrame {
  if (size.cols < LEAST_COLS || size.rows < LEAST_ROWS) return drawLine(view, state, size.cols);
  const inner = size.cols - 4;
  const text = commandPages(view.command, inner, Math.max(1, size.rows - FIXED_ROWS - MOST_WHY_ROWS));
  const page = Math.min(state.page, text.length - 1);
  const body = [
    ...(text[page] ?? []).map((line) => boxed([{ text: line, style: 'strong' }], inner)),
    ...foldText(visible(view.why), inner)
      .slice(0, MOST_WHY_ROWS)
      .map((line) => boxed([plain(line)], inner)),
  ];
  const entry = entryText(state.entry, inner - ENTRY_HINTS);
  const note = state.note ?? (state.entry.kind === 'waiting' ? WAITING_KEYS : null);
  const lines = [
    border(` HELD ${view.id} `, ` ${visibleShort(view.label, Math.max(8, inner - 20))} `, size.cols),
    ...body,
    boxed(spread(entry, hints(state, text.length, page), inner), inner),
    ...(note === null ? [] : [boxed([plain(visibleShort(note, inner))], inner)]),
    border('', view.phrase === null ? '' : ` your phrase: ${visibleShort(view.phrase, inner - 20)} `, size.cols),
  ];
  const cursor = cursorColumn(state.entry);
  return { lines, cursor: cursor === null ? null : { row: body.length + 1, col: 2 + cursor }, pages: text.length };
}

function drawLine(view: PanelView, state: PanelState, cols: number): PanelFrame {
  const label = `HELD ${view.id} `;
  const text = `${label}${shortEntry(state, cols - 1 - label.length)}`.slice(0, Math.max(0, cols - 1));
  return { lines: [[{ text, style: 'strong' }]], cursor: { row: 0, col: stringWidth(text) }, pages: 1 };
}

/** @param room cells that it may take */
function shortEntry({ entry, note }: PanelState, room: number): string {
  switch (entry.kind) {
    case 'code':
      return `code? ${'*'.repeat(entry.digits)}`;
    case 'reason':
      return `why? ${visible(entry.text)}`;
    case 'message':
      return `msg? ${lastPart(entry.text, room - 5)}`;
    case 'waiting':
      return note === null ? 'waiting  r m ? Esc' : visibleShort(note, room);
    case 'ready':
      return 'Enter runs it';
    case 'busy':
      return '...';
  }
}

/** @param room cells for it */
function entryText(entry: PanelEntry, room: number): string {
  switch (entry.kind) {
    case 'code':
      return `Your code: ${codeSlots(entry.digits)}`;
    case 'reason':
      return `Why do you need it? ${visible(entry.text)}_`;
    case 'waiting':
      return `Waiting for ${visible(entry.who)}.`;
    case 'message':
      return `Message: ${lastPart(entry.text, room - 10)}_`;
    case 'ready':
      return `${visible(entry.by)} approved${entry.comment === null ? '' : `: "${visible(entry.comment)}"`}. Enter runs it once, Esc drops it.`;
    case 'busy':
      return 'One moment.';
  }
}

function cursorColumn(entry: PanelEntry): number | null {
  if (entry.kind === 'code')
    return stringWidth(`Your code: ${codeSlots(entry.digits).slice(0, slotColumn(entry.digits))}`);
  return null;
}

function codeSlots(digits: number): string {
  const slots = '*'.repeat(digits).padEnd(CODE_LENGTH, '_');
  return `${slots.slice(0, 3)} ${slots.slice(3)}`;
}

function slotColumn(digits: number): number {
  return digits < 3 ? digits : digits + 1;
}

function hints(state: PanelState, pages: number, page: number): string {
  const more = pages > 1 ? `? next part (${page + 1}/${pages})` : '? why';
  return `${keysFor(state.entry, more)}  ${formatCountdown(state.timeLeft)}`;
}

function keysFor(entry: PanelEntry, more: string): string {
  switch (entry.kind) {
    case 'code':
    case 'waiting':
      return `Esc cancels   ${more}`;
    case 'reason':
      return 'Enter sends   Esc cancels';
    case 'message':
      return 'Enter sends   Esc back';
    case 'ready':
    case 'busy':
      return '';
  }
}

/** The command in parts of at most `rows` lines, each line at most `cols` cells. */
function commandPages(command: string | null, cols: number, rows: number): string[][] {
  const shown = command === null ? 'The target did not show this line; it is not shown here either.' : visible(command);
  const lines = cutText(shown, cols);
  const pages: string[][] = [];
  for (let start = 0; start < lines.length; start += rows) pages.push(lines.slice(start, start + rows));
  return pages.length === 0 ? [['']] : pages;
}

/** The end of a text that is being typed, at most `room` cells. */
function lastPart(text: string, room: number): string {
  const characters = [...visible(text)];
  let first = characters.length;
  let left = room;
  while (first > 0) {
    left -= stringWidth(characters[first - 1] ?? '');
    if (left < 0) break;
    first -= 1;
  }
  return characters.slice(first).join('');
}

function plain(text: string): PanelSpan {
  return { text, style: 'plain' };
}

/** Left and right text on one line; the left one is cut when both do not fit. */
function spread(left: string, right: string, cols: number): PanelSpan[] {
  const room = Math.max(0, cols - stringWidth(right) - 1);
  const shown = cutText(left, Math.max(1, room))[0] ?? '';
  const gap = ' '.repeat(Math.max(1, cols - stringWidth(shown) - stringWidth(right)));
  return [{ text: shown, style: 'strong' }, plain(`${gap}${right}`)];
}

function boxed(spans: readonly PanelSpan[], inner: number): PanelSpan[] {
  const used = spans.reduce((sum, span) => sum + stringWidth(span.text), 0);
  const pad = ' '.repeat(Math.max(0, inner - used));
  return [{ text: '| ', style: 'frame' }, ...spans, plain(pad), { text: ' |', style: 'frame' }];
}

function border(left: string, right: string, cols: number): PanelSpan[] {
  const dashes = '-'.repeat(Math.max(0, cols - 4 - stringWidth(left) - stringWidth(right)));
  const frame = (text: string): PanelSpan => ({ text, style: 'frame' });
  return [frame('+'), { text: left, style: 'strong' }, frame(`-${dashes}-`), plain(right), frame('+')];
}
