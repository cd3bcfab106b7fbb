/** Where exports go. */

/** Takes the next text; the export waits for the promise, so that a slow reader slows it down. */
export type TextSink = (text: string) => void | Promise<void>;
