/**
 * Makes output safe to play on somebody else's terminal: keeps text, colours and cursor movement, drops whatever
 * asks the terminal a question, sets its title or clipboard, or changes what it sends. Works by a list of what
 * is allowed, so that what is unknown is dropped. It does not judge the text itself.
 */

/** Sequences are cut here at most; what is longer is dropped. */
const MAX_PENDING = 256;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const ENDS_STRING = /[\x07\x18\x1a\x1b\x9c]/g;
const CSI_BODY = /([0-?]*)([ -/]*)([@-~])/y;
const UNFINISHED_CSI = /[0-?]*[ -/]*$/y;
const ESC_BODY = /([ -/]*)([0-~])/y;
const UNFINISHED_ESC = /[ -/]*$/y;

const PLAIN_CONTROLS = '\b\t\n\v\f\r\x0e\x0f\x07';
const STRING_STARTS = 'P]X^_';
/** C1 controls and the two-character sequences that mean the same (ECMA-48). */
const SEVEN_BIT: Readonly<Record<string, string>> = {
  '\x84': '\x1bD',
  '\x85': '\x1bE',
  '\x88': '\x1bH',
  '\x8d': '\x1bM',
};
const STRING_C1: Readonly<Record<string, string>> = { '\x90': 'P', '\x98': 'X', '\x9d': ']', '\x9e': '^', '\x9f': '_' };

const CSI_FINALS = 'ABCDEFGHIJKLMPSXZ@`abdefgmr';
const BARE_FINALS = 'suT';
const PRIVATE_MODES: ReadonlySet<string> = new Set([
  '1',
  '5',
  '6',
  '7',
  '12',
  '25',
  '45',
  '47',
  '1047',
  '1048',
  '1049',
  '2026',
]);
const ANSI_MODES: ReadonlySet<string> = new Set(['4', '20']);
const INTERMEDIATE_FORMS: ReadonlySet<string> = new Set([' q', '!p', '"q', "'}", "'~"]);
const ESC_FINALS = '78DEHMc=>no|}~';

type Mode = { readonly kind: 'ground' } | { readonly kind: 'string'; readonly start: string };

/** One stream's filter; sequences may be cut anywhere between calls. */
export class SafeOutput {
  #mode: Mode = { kind: 'ground' };
  #pending = '';

  /** The safe part of `text` and of what was held back before. */
  push(text: string): string {
    const input = this.#pending + text;
    this.#pending = '';
    let out = '';
    let at = 0;
    while (at < input.length) {
      const step =
        this.#mode.kind === 'string' ? this.#skipString(input, at, this.#mode.start) : this.#ground(input, at);
      out += step.out;
      at = step.next;
    }
    return out;
  }

  #ground(input: string, at: number): Step {
    CONTROL.lastIndex = at;
    const control = CONTROL.exec(input);
    if (control === null) return { out: input.slice(at), next: input.length };
    const plain = input.slice(at, control.index);
    const step = this.#control(input, control.index, control[0]);
    return { out: plain + step.out, next: step.next };
  }

  #control(input: string, at: number, control: string): Step {
    if (PLAIN_CONTROLS.includes(control)) return { out: control, next: at + 1 };
    if (control === '\x1b') return this.#escape(input, at);
    if (control === '\x9b') return this.#csi(input, at, at + 1);
    const start = STRING_C1[control];
    if (start !== undefined) this.#mode = { kind: 'string', start };
    return { out: SEVEN_BIT[control] ?? '', next: at + 1 };
  }

  #escape(input: string, at: number): Step {
    const next = input.charAt(at + 1);
    if (next === '[') return this.#csi(input, at, at + 2);
    if (next !== '' && STRING_STARTS.includes(next)) {
      this.#mode = { kind: 'string', start: next };
      return { out: '', next: at + 2 };
    }
    const body = matchAt(ESC_BODY, input, at + 1);
    if (body === null) return this.#unfinished(UNFINISHED_ESC, input, at, at + 1);
    const [whole, intermediates = '', final = ''] = body;
    const allowed = isAllowedEscape(intermediates, final);
    return { out: allowed ? `\x1b${whole}` : '', next: at + 1 + whole.length };
  }

  #csi(input: string, at: number, bodyAt: number): Step {
    const body = matchAt(CSI_BODY, input, bodyAt);
    if (body === null) return this.#unfinished(UNFINISHED_CSI, input, at, bodyAt);
    const [whole, parameters = '', intermediates = '', final = ''] = body;
    return { out: safeCsi(parameters, intermediates, final), next: bodyAt + whole.length };
  }

  /** Holds back a sequence that the input ends in; drops the start of one that cannot be finished. */
  #unfinished(pattern: RegExp, input: string, at: number, bodyAt: number): Step {
    const rest = matchAt(pattern, input, bodyAt);
    if (rest === null || input.length - at > MAX_PENDING) return { out: '', next: bodyAt };
    this.#pending = input.slice(at);
    return { out: '', next: input.length };
  }

  #skipString(input: string, at: number, start: string): Step {
    ENDS_STRING.lastIndex = at;
    for (let end = ENDS_STRING.exec(input); end !== null; end = ENDS_STRING.exec(input)) {
      // BEL ends an OSC only (xterm, "Operating System Commands").
      if (end[0] === '\x07' && start !== ']') continue;
      this.#mode = { kind: 'ground' };
      // An ESC ends the string and begins whatever follows it; that may be the terminator itself.
      return { out: '', next: end[0] === '\x1b' ? end.index : end.index + 1 };
    }
    return { out: '', next: input.length };
  }
}

interface Step {
  readonly out: string;
  readonly next: number;
}

function matchAt(pattern: RegExp, input: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(input);
}

function isAllowedEscape(intermediates: string, final: string): boolean {
  if (intermediates === '') return ESC_FINALS.includes(final);
  // Character sets G0 to G3, and line sizes and the alignment test.
  return /^[()*+]$/.test(intermediates) || (intermediates === '#' && '34568'.includes(final));
}

function safeCsi(parameters: string, intermediates: string, final: string): string {
  if (final === 'h' || final === 'l') return intermediates === '' ? safeModes(parameters, final) : '';
  const known = intermediates === '' ? isAllowedCsi(parameters, final) : INTERMEDIATE_FORMS.has(intermediates + final);
  return known ? `\x1b[${parameters}${intermediates}${final}` : '';
}

function isAllowedCsi(parameters: string, final: string): boolean {
  if (parameters.startsWith('?')) return final === 'J' || final === 'K';
  if (/^[<=>]/.test(parameters)) return false;
  return CSI_FINALS.includes(final) || (BARE_FINALS.includes(final) && isBare(parameters, final));
}

/** With parameters, `s` sets margins and `T` starts mouse highlighting. */
function isBare(parameters: string, final: string): boolean {
  return final === 'T' ? /^\d*$/.test(parameters) : parameters === '';
}

function safeModes(parameters: string, final: string): string {
  const prefix = parameters.startsWith('?') ? '?' : '';
  const known = prefix === '?' ? PRIVATE_MODES : ANSI_MODES;
  const modes = parameters
    .slice(prefix.length)
    .split(';')
    .filter((mode) => known.has(mode));
  return modes.length === 0 ? '' : `\x1b[${prefix}${modes.join(';')}${final}`;
}
