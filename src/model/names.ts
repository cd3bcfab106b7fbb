/** The spelling of names and the ids that records refer to each other by. */
import type { Brand } from '../base/brand.ts';

export type SessionId = Brand<string, 'SessionId'>;
/** 128 random bits in hex: what a request is bound to everywhere. */
export type RequestUid = Brand<string, 'RequestUid'>;
/** Four Crockford characters: what people see and say. Not used again for 30 days. */
export type RequestId = Brand<string, 'RequestId'>;
/** `sha256:<64 hex>` */
export type Digest = Brand<string, 'Digest'>;

const NAME = /^[a-z_][a-z0-9_.-]{0,31}$/;

/** Whether `text` may name a user, a target, a login or a role. */
export function isName(text: string): boolean {
  return NAME.test(text);
}
