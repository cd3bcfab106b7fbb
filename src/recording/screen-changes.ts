/** Output that wipes away what is on the screen, so that it must be looked at before. A hint, not a parser. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
const CLEARS = /\x1b\[2J|\x1b\[H\x1b\[0?J|\x1bc/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
const ENTERS_ALTERNATE = /\x1b\[\?(?:1049|1047|47)h/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
const LEAVES_ALTERNATE = /\x1b\[\?(?:1049|1047|47)l|\x1bc/;

/** Clears the whole screen. */
export function clearsScreen(text: string): boolean {
  return CLEARS.test(text);
}

/** Starts a full-screen program. */
export function entersAlternate(text: string): boolean {
  return ENTERS_ALTERNATE.test(text);
}

/** Ends a full-screen program. */
export function leavesAlternate(text: string): boolean {
  return LEAVES_ALTERNATE.test(text);
}

/** Any of the three. */
export function changesScreen(text: string): boolean {
  return clearsScreen(text) || entersAlternate(text) || leavesAlternate(text);
}
