/** What somebody reads who has just started the demo. */
import { enrolmentQr } from '../../identity/enrolment-qr.ts';
import { VERSION } from '../version.ts';
import type { Demo } from './demo.ts';
import { demoCode } from './demo-users.ts';

/** What to scan, what to type, and where. @param rows of the reader's terminal  @param now ms since the epoch */
export function demoIntroduction({ places, port, alice }: Demo, rows: number, now: number): string {
  const qr = enrolmentQr(alice.otpauth);
  const { code, secondsLeft } = demoCode(alice, now);
  const ssh = `ssh -F ${places.sshConfig}`;
  return [
    `heldline ${VERSION} demo. Scratch data only; it is deleted when you press Ctrl-C.`,
    `Listening on 127.0.0.1:${port}. Target "sandbox" is a shell on this machine, in a scratch home.`,
    '',
    '1. Scan this with any authenticator app.',
    ...(rows >= qr.rows.length + 4 ? qr.rows : []),
    `   or type the key:  ${alice.secretText.replace(/.{4}/g, '$& ').trim()}`,
    `   No phone at hand? The code right now is ${code} (${secondsLeft} s left), and whenever`,
    '   a command is held, the codes are printed here.',
    '',
    `2. In a second terminal:    ${ssh} sandbox`,
    '   Try:  ls                 passes',
    '         rm -r old-logs     held until you type your code',
    '         rm -rf /           blocked',
    '         ./service.sh restart   held for bob',
    '',
    `3. The other side of the table, as bob:`,
    `                            ${ssh} -t approvals`,
    '4. Afterwards:',
    `                            heldline -c ${places.configFile} session list`,
    '',
  ].join('\n');
}
