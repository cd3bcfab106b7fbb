/** The members of `roaming:`: where clients of Mosh may be, and what a new address means. */
import { z } from 'zod';
import { isNetwork } from '../../base/networks.ts';
import { strictObject } from '../../base/strict-object.ts';
import type { OnMove } from '../../model/roaming.ts';
import { type SelectorFile, selectorFile } from './selector-file.ts';

export interface RoamingFile {
  readonly when: SelectorFile;
  readonly networks?: readonly string[];
  readonly refuse?: readonly string[];
  readonly on_move?: OnMove;
}

const network = z
  .string()
  .refine(isNetwork, 'expected an IP address or a network such as 10.0.0.0/8 or "2001:db8::/32"');
const networks = z.array(network).min(1);

export const roamingFile: z.ZodType<RoamingFile> = strictObject({
  when: selectorFile,
  networks: networks.exactOptional(),
  refuse: networks.exactOptional(),
  on_move: z.enum(['freeze', 'code']).exactOptional(),
}).refine(
  ({ networks: allowed, refuse, on_move: move }) => (allowed ?? refuse ?? move) !== undefined,
  'says nothing; give it networks, refuse or on_move',
);
