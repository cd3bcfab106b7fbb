/** A catalogue entry of one's own, as written in a policy file. */
import { z } from 'zod';
import { strictObject } from '../../base/strict-object.ts';
import type { Severity } from '../../model/decision.ts';
import { type MatchFile, matchFile } from './match-file.ts';

export interface EntryFile {
  readonly id: string;
  readonly severity: Severity;
  readonly why: string;
  readonly alternative?: string;
  readonly match: MatchFile;
  readonly positive?: readonly string[];
  readonly negative?: readonly string[];
}

export const entryFile: z.ZodType<EntryFile> = strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*\.[a-z0-9][a-z0-9.-]*$/, 'expected an id of the form family.name'),
  severity: z.enum(['info', 'low', 'medium', 'high', 'critical']),
  why: z.string().min(1),
  alternative: z.string().min(1).exactOptional(),
  match: matchFile,
  positive: z.array(z.string()).exactOptional(),
  negative: z.array(z.string()).exactOptional(),
});
