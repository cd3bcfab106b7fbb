/** Questions that are answered with something secret, as far as their words tell. */
import { looksLikePrompt } from './prompt-memory.ts';

const SECRET =
  /pass(?:word|wort|phrase|code)|\bpin\b|secret|token|\bcode\b|kennwort|passwort|contraseña|mot de passe|senha|wachtwoord/iu;

/** Whether what is typed behind `prompt` should not be seen on the user's own screen. */
export function asksForSecret(prompt: string): boolean {
  return /[:?>]\s*$/u.test(prompt) && SECRET.test(prompt);
}

/**
 * Whether the target may not show what is typed behind a prompt that never stood before an echoed line: then the
 * text is not to be written down before the echo has proved otherwise.
 */
export function mayNotEcho(prompt: string): boolean {
  return asksForSecret(prompt) || /[:\]]\s*$/u.test(prompt) || !looksLikePrompt(prompt);
}
