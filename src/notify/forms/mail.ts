/**
 * A message of RFC 5322 with a plain text body. The body is base64, so no line of it can be a header, a lone dot or
 * too long; the subject has printable ASCII only, and what is foreign in it is a name and a target.
 */
import { type Escape, escaped, plain, writtenOut } from '../escape.ts';
import type { Letter } from '../letter.ts';
import type { MailWay } from '../receiver.ts';
import { escapedLines } from './form.ts';

const SUBJECT = 120;
/** RFC 2045 §6.8 */
const BASE64_LINE = /.{1,76}/g;

const ascii: Escape = (character) => (/[ -~]/.test(character) ? character : writtenOut(character));

/** The message with its header, lines ended by LF as programs on this machine take them. */
export function mailForm(letter: Letter, { from, to }: MailWay): string {
  const body = Buffer.from(`${escapedLines(letter, plain).join('\n')}\n`).toString('base64');
  const header = [
    `From: Heldline <${from}>`,
    `To: ${to.join(', ')}`,
    `Subject: ${escaped(letter.title.text, ascii, SUBJECT)}`,
    `Date: ${new Date(letter.at).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${letter.id}@${from.slice(from.indexOf('@') + 1)}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
  ];
  return `${[...header, '', ...(body.match(BASE64_LINE) ?? [])].join('\n')}\n`;
}
