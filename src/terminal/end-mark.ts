/**
 * The semantic mark with which a shell says that a command has ended: OSC 133 or 633, `D;CODE`. Any program may
 * print it; it is a note for the log and proves nothing.
 */

/** The exit code that the mark names, null when it names none; undefined when `data` is no such mark. */
export function exitCodeOf(data: string): number | null | undefined {
  if (data !== 'D' && !data.startsWith('D;')) return undefined;
  const code = /^D;(\d{1,3})(?:;|$)/.exec(data)?.[1];
  return code === undefined || Number(code) > 255 ? null : Number(code);
}
