/** Programs that take effect through what is typed in an editor, which a line policy cannot see. */
import { type Invocation, opaque, type Unwrapped, unwrapped } from './unwrapping.ts';

export function unwrapEditor(call: Invocation): Unwrapped | null {
  const has = (...options: readonly string[]): boolean => call.args.some((word) => options.includes(word.text));
  switch (call.name) {
    case 'crontab':
      return has('-e') ? edited(call, 'pipe the entries into `crontab -`') : null;
    case 'fc':
      if (call.args.some((word) => /^-[a-z]*[lrwWAanp]/u.test(word.text) && !word.text.includes('e'))) return null;
      return call.args.some((word) => word.text === '-s') ? repeated() : edited(call, 'type the command');
    default:
      return has('-c', '--check', '-V', '--version', '-h', '--help')
        ? null
        : edited(call, 'use a file that can be reviewed');
  }
}

function edited(call: Invocation, rewrite: string): Unwrapped {
  const detail = `\`${call.name}\` takes effect through what is typed in an editor.`;
  return unwrapped([opaque('editor', detail, call.name, rewrite)]);
}

function repeated(): Unwrapped {
  return unwrapped([opaque('history', '`fc -s` runs a line of the history.', 'fc -s', 'type the command')]);
}
