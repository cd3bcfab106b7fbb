/** One line for pages while the bastion is locked down. */
import type { Lockdown } from '../../model/lockdown.ts';

export function lockdownNotice(lockdown: Lockdown | null): string | null {
  return lockdown === null ? null : `LOCKED DOWN by ${lockdown.by}: ${lockdown.reason}. Nothing is released.`;
}
