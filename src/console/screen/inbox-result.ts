/** What a person wants done with a request of their inbox. */
import type { WaitingRequest } from './waiting-request.ts';

export type InboxResult =
  | { readonly kind: 'approve'; readonly waiting: WaitingRequest; readonly code: string; readonly grant: boolean }
  | { readonly kind: 'deny'; readonly waiting: WaitingRequest; readonly reason: string }
  | { readonly kind: 'watch'; readonly waiting: WaitingRequest }
  | { readonly kind: 'quit' };
