/**
 * What turns one screen into another at the client. The result holds no hidden state: the pen is reset, margins
 * are the whole screen, the cursor is placed, so the next difference may start from any state the client has.
 */
import { encodeHostMessage, type HostInstruction } from '../wire/host-message.ts';
import { HostString } from './host-string.ts';
import { blankRow } from './row-builder.ts';
import { paintRow } from './row-diff.ts';
import { type ClientModes, type Screen, type ScreenRow, sameModes } from './screen.ts';

const CSI = '\x1b[';
const OSC = '\x1b]';
const BELL = '\x07';
/** A repainted row costs about this much more than a scrolled one, so scrolling must save at least two. */
const LEAST_SAVED_ROWS = 2;
const BELL_LIMIT = 32;

/** The message that makes `to` out of `from`; empty when there is no difference. */
export function diffScreens(from: Screen, to: Screen): Buffer {
  const instructions: HostInstruction[] = [];
  if (to.echoAck !== from.echoAck) instructions.push({ kind: 'echo-ack', number: to.echoAck });
  const resized = from.cols !== to.cols || from.rows.length !== to.rows.length;
  if (resized) instructions.push({ kind: 'resize', cols: to.cols, rows: to.rows.length });
  const text = hostStringOf(from, to, resized);
  if (text !== '') instructions.push({ kind: 'bytes', bytes: Buffer.from(text) });
  return encodeHostMessage(instructions);
}

/** The terminal output of the difference. */
function hostStringOf(from: Screen, to: Screen, resized: boolean): string {
  const out = new HostString(to.cols, from.cursor);
  out.raw(ornaments(from, to));
  const before = resized ? clear(out, to) : scroll(out, from, to);
  to.rows.forEach((row, index) => {
    const above = to.rows[index - 1];
    paintRow(out, { index, row, before: before[index], above, aboveBefore: before[index - 1], cols: to.cols });
  });
  out.style('');
  out.moveTo(to.cursor.row, to.cursor.column);
  out.raw(modeChanges(from.modes, to.modes));
  return out.text;
}

function clear(out: HostString, to: Screen): readonly ScreenRow[] {
  out.rawMoving(`${CSI}r${CSI}m${CSI}H${CSI}2J`);
  return to.rows.map(() => blankRow(to.cols));
}

/** Scrolls the whole screen up when that saves painting. Returns the rows as they are then. */
function scroll(out: HostString, from: Screen, to: Screen): readonly ScreenRow[] {
  const distance = scrollDistance(from.rows, to.rows);
  if (distance === 0) return from.rows;
  out.rawMoving(`${CSI}${distance}S`);
  const blanks = Array.from({ length: distance }, () => blankRow(to.cols));
  return [...from.rows.slice(distance), ...blanks];
}

/** A saving, never the truth: rows of the same text may be anywhere. */
function scrollDistance(from: readonly ScreenRow[], to: readonly ScreenRow[]): number {
  const still = matchesAt(from, to, 0);
  if (to.length - still <= LEAST_SAVED_ROWS) return 0;
  let best = 0;
  let most = still + LEAST_SAVED_ROWS - 1;
  for (let distance = 1; distance < to.length; distance += 1) {
    const matches = matchesAt(from, to, distance);
    if (matches > most) {
      best = distance;
      most = matches;
    }
  }
  return best;
}

function matchesAt(from: readonly ScreenRow[], to: readonly ScreenRow[], distance: number): number {
  let matches = 0;
  for (let index = 0; index + distance < to.length; index += 1) {
    const a = from[index + distance];
    const b = to[index];
    if (a === b || a?.key === b?.key) matches += 1;
  }
  return matches;
}

function ornaments(from: Screen, to: Screen): string {
  let text = BELL.repeat(Math.min(BELL_LIMIT, Math.max(0, to.bells - from.bells)));
  const titled = to.title !== from.title;
  const iconNamed = to.iconName !== from.iconName;
  if ((titled || iconNamed) && to.title === to.iconName) text += `${OSC}0;${to.title}${BELL}`;
  else {
    if (iconNamed) text += `${OSC}1;${to.iconName}${BELL}`;
    if (titled) text += `${OSC}2;${to.title}${BELL}`;
  }
  if (to.clipboard !== from.clipboard) text += `${OSC}52;c;${to.clipboard}${BELL}`;
  return text;
}

function modeChanges(from: ClientModes, to: ClientModes): string {
  if (sameModes(from, to)) return '';
  return [
    flag(25, from.cursorVisible, to.cursorVisible),
    flag(5, from.reverseVideo, to.reverseVideo),
    flag(2004, from.bracketedPaste, to.bracketedPaste),
    flag(1004, from.focusReports, to.focusReports),
    choice(from.mouse, to.mouse),
    choice(from.mouseEncoding, to.mouseEncoding),
  ].join('');
}

function flag(mode: number, from: boolean, to: boolean): string {
  return from === to ? '' : `${CSI}?${mode}${to ? 'h' : 'l'}`;
}

function choice(from: number, to: number): string {
  if (from === to) return '';
  return (from === 0 ? '' : `${CSI}?${from}l`) + (to === 0 ? '' : `${CSI}?${to}h`);
}
