/** What an approval is proven by, in words. */
import type { Factor, Stage } from './requirement.ts';

const WORDS: Readonly<Record<Factor, string>> = {
  totp: 'code',
  signature: 'signature',
  'sk-signature': 'security key',
};

/** `code`, `signature`, `code or security key with PIN` */
export function factorsInWords({ factors, verify }: Pick<Stage, 'factors' | 'verify'>): string {
  const words = factors.map((factor) => `${WORDS[factor]}${isVerified(factor, verify) ? ' with PIN' : ''}`);
  return words.join(' or ');
}

/** What any of several stages takes, each once: `code or signature`. */
export function factorsOfAny(stages: readonly Stage[]): string {
  return [...new Set(stages.map(factorsInWords))].join(' or ');
}

function isVerified(factor: Factor, verify: boolean | undefined): boolean {
  return verify === true && factor !== 'totp';
}
