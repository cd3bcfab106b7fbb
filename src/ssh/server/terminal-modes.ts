/**
 * Which terminal modes of a client (RFC 4254 §8) may reach a target. The special characters and the modes of
 * input say what a key does there; the gate reads keys as every terminal has them by default. So a mode that would
 * make the space bar erase, or a letter end the line, is left out, and the target's own default stands.
 */

/** Special characters with the values that mean what the gate takes them for; 255 is "none". */
const KEYS: Readonly<Record<string, readonly number[]>> = {
  VINTR: [3],
  VQUIT: [28],
  VERASE: [8, 127],
  VKILL: [21],
  VEOF: [4],
  VEOL: [0, 255],
  VEOL2: [0, 255],
  VSTART: [17],
  VSTOP: [19],
  VSUSP: [26],
  VDSUSP: [25],
  VREPRINT: [18],
  VWERASE: [23],
  VLNEXT: [22],
  VFLUSH: [15, 255],
  VSWTCH: [0, 255],
  VSTATUS: [20, 255],
  VDISCARD: [15],
};

/** Modes of input that every default terminal has on, or off. */
const INPUT: Readonly<Record<string, readonly number[]>> = {
  ISTRIP: [0],
  INLCR: [0],
  IGNCR: [0],
  ICRNL: [1],
  IUCLC: [0],
  ISIG: [1],
  ICANON: [1],
  XCASE: [0],
  ECHO: [1],
  NOFLSH: [0],
  IEXTEN: [1],
  OLCUC: [0],
};

/** The modes that may go on to a target. */
export function harmlessModes(modes: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(modes).filter(([name, value]) => isHarmless(name, value)));
}

function isHarmless(name: string, value: number): boolean {
  const table = name.startsWith('V') ? KEYS : INPUT;
  if (Object.hasOwn(table, name)) return table[name]?.includes(value) === true;
  return !name.startsWith('V');
}
