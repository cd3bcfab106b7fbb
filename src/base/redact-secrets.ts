/**
 * Takes passwords and tokens that people type into command lines out of text that others will read: the audit
 * log, notifications. Best effort by the usual spellings; a secret in a place of its own is not recognised.
 * What is decided, approved and recorded is never passed through here.
 */

const MARK = 'REDACTED';
/** A value as typed: quoted, or up to what ends a word. A variable's name is no secret. */
const VALUE = String.raw`(?:'[^'\n]*'|"(?!\$)[^"\n]*"|(?![-$'"])[^\s;&|'"]+)`;
const NAMES = 'password|passwd|pass|passphrase|token|secret|api-?key|access-key|secret-key|client-secret|auth-token';
const HEADERS = 'authorization|proxy-authorization|x-api-key|x-auth-token|private-token|x-vault-token';

interface Spelling {
  readonly expression: RegExp;
  /** `$<before>` and `$<after>` are kept. */
  readonly replacement: string;
}

function spelling(before: string, value: string, flags: string, after = ''): Spelling {
  const expression = new RegExp(`(?<before>${before})${value}(?<after>${after})`, flags);
  return { expression, replacement: `$<before>${MARK}$<after>` };
}

const SPELLINGS: readonly Spelling[] = [
  // Tokens of the HTTP API, wherever they stand.
  spelling(String.raw`\bhlt_[0-9a-f]{16}_`, '[A-Za-z0-9_-]+', 'g'),
  // mysql -pSECRET: never in a word of its own.
  spelling(String.raw`\b(?:mysql|mariadb)[\w-]*(?:[ \t]+(?!-p)[^\s;&|]+){0,40}[ \t]+-p`, VALUE, 'g'),
  spelling(String.raw`\bsshpass(?:[ \t]+(?!-p)[^\s;&|]+){0,40}[ \t]+-p[ \t]*`, VALUE, 'g'),
  spelling(String.raw`\bredis-cli(?:[ \t]+(?!-a)[^\s;&|]+){0,40}[ \t]+-a[ \t]+`, VALUE, 'g'),
  spelling(
    String.raw`\bcurl\b(?:[ \t]+(?!-u|--user)[^\s;&|]+){0,40}[ \t]+(?:-u|--user)[ =]?['"]?[^\s:'"$]+:`,
    '[^\\s\'"]+',
    'g',
  ),
  spelling(String.raw`(?<![\w-])--(?:[\w]+-)*(?:${NAMES})(?:=|[ \t]+)`, VALUE, 'gi'),
  spelling(
    String.raw`\b\w{0,40}(?:PASSWORD|PASSWD|_PWD|TOKEN|SECRET|API_?KEY|ACCESS_KEY|PASSPHRASE)\w{0,40}=`,
    VALUE,
    'g',
  ),
  spelling(
    String.raw`\b(?:${HEADERS}):[ \t]*(?:(?:basic|bearer|digest|token)[ \t]+)?`,
    String.raw`(?!\$|(?:basic|bearer|digest|token)[ \t])[^\s'"]+`,
    'gi',
  ),
  spelling(String.raw`\b[a-z][a-z0-9+.-]*:\/\/[^\s:@\/'"]*:`, String.raw`(?!\$)[^\s@\/'"]+`, 'gi', '@'),
  spelling(String.raw`\b(?:password|identified[ \t]+by(?:[ \t]+password)?)[ \t]+`, "'[^'\\n]*'", 'gi'),
  spelling(
    String.raw`\b(?:echo|printf)[ \t]+['"]?[\w.-]+:`,
    String.raw`[^\s'"|]+`,
    'g',
    String.raw`['"]?[ \t]*\|[ \t]*(?:sudo[ \t]+)?chpasswd`,
  ),
];

/** The same text with `REDACTED` in place of secrets; the text itself when it has none. */
export function redactSecrets(text: string): string {
  return SPELLINGS.reduce((shown, { expression, replacement }) => shown.replace(expression, replacement), text);
}
