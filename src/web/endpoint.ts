/**
 * One endpoint of the API, described once: the router, the checks and the OpenAPI document all come from it. To add
 * one, write it in `endpoints/` and put it into `endpoints.ts`.
 */
import type { z } from 'zod';
import type { Outcome, RefusalStatus } from './refusal.ts';
import type { Visitor } from './sign-in.ts';

interface Described {
  /** As OpenAPI writes it: `/v1/requests/{id}`. */
  readonly path: string;
  readonly summary: string;
  /** Of 200. */
  readonly answer: z.ZodType;
  /** What else it may answer, besides what every endpoint may. */
  readonly refusals: readonly RefusalStatus[];
}

/** Answers anybody; reveals nothing. */
export interface OpenEndpoint extends Described {
  readonly kind: 'open';
  run(): Outcome;
}

/** Answers whoever is signed in, and changes nothing. */
export interface ReadingEndpoint extends Described {
  readonly kind: 'reading';
  /** @param id the part of the path, or an empty text */
  run(visitor: Visitor, id: string): Promise<Outcome>;
}

/** Takes a body and a token that may decide. */
export interface DecidingEndpoint extends Described {
  readonly kind: 'deciding';
  readonly body: z.ZodType;
  run(visitor: Visitor, id: string, body: unknown): Promise<Outcome>;
}

export type Endpoint = OpenEndpoint | ReadingEndpoint | DecidingEndpoint;
