/** How findings are printed. */
import type { Finding } from '../model/source-document.ts';

/** `file:line:column message`, with `warning: ` before the message of a warning. */
export function formatFinding(finding: Finding): string {
  const { file, position, severity, message } = finding;
  return `${file}:${position.line}:${position.column} ${severity === 'warning' ? 'warning: ' : ''}${message}`;
}
