/** The log: `audit tail|verify|export`. */
import { once } from 'node:events';
import type { AuditFilter } from '../../audit/read.ts';
import { readAudit } from '../../audit/read.ts';
import { describeVerification, verifyAudit } from '../../audit/verify.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { visible } from '../../base/visible.ts';
import type { AuditEvent } from '../../model/audit-event.ts';
import { parseMoment } from '../moment.ts';
import { recordingWitness } from '../recording-witness.ts';
import type { EvidenceServices } from '../services.ts';
import { type EvidenceVerb, EXIT, type OptionSpec, type VerbContext } from '../verb.ts';

import { flag, list, text } from '../verb-values.ts';

const FILTERS: readonly OptionSpec[] = [
  { name: 'since', value: 'T', help: 'from then on: 7d, yesterday, 2026-11-20' },
  { name: 'until', value: 'T', help: 'up to then' },
  { name: 'user', value: 'U', help: 'of this person' },
  { name: 'target', value: 'T', help: 'on this target' },
  { name: 'session', value: 'ID', help: 'of this session' },
  { name: 'type', value: 'TYPE', many: true, help: 'this type, or a family as approval.*; may be given again' },
];

const TAIL_DEFAULT = 20;

export const auditTail: EvidenceVerb = {
  spec: {
    path: ['audit', 'tail'],
    summary: 'show the newest events',
    arguments: [],
    options: [
      ...FILTERS,
      { name: 'limit', short: 'n', value: 'N', help: 'how many (default 20)' },
      { name: 'follow', short: 'f', help: 'go on showing new ones' },
    ],
    examples: ['audit tail', 'audit tail -f --type "approval.*"', 'audit tail --user alice --since 7d --json'],
    audience: 'auditor',
  },
  async run(context) {
    const { services, io } = context;
    const filter = filterOf(context);
    const waiting: AuditEvent[] = [];
    const stop = services.onAudit((event) => waiting.push(event));
    try {
      const newest: AuditEvent[] = [];
      const limit = limitOf(context);
      for await (const entry of readAudit(services.auditDirectory, filter)) {
        if (entry.kind === 'damaged') io.err(`heldline: line ${entry.line} of ${entry.file} is damaged\n`);
        else if (newest.push(entry.event) > limit) newest.shift();
      }
      for (const event of newest) show(context, event);
      if (flag(context, 'follow')) await follow(context, newest.at(-1)?.seq ?? 0, waiting);
    } finally {
      stop();
    }
    return EXIT.done;
  },
};

export const auditVerify: EvidenceVerb = {
  spec: {
    path: ['audit', 'verify'],
    summary: 'check the chain, the signatures, and that no recording is missing',
    arguments: [],
    options: [],
    examples: ['audit verify'],
    audience: 'auditor',
  },
  async run({ services, io }) {
    const expected = await services.auditHead();
    const result = await verifyAudit({
      directory: services.auditDirectory,
      checker: services.checkSignature,
      ...(expected === null ? {} : { expected }),
      recordings: (session) => recordingWitness(services.recordings, session),
    });
    if (io.json) io.out(`${JSON.stringify({ v: 1, ...result })}\n`);
    else io.out(`${describeVerification(result)}\n`);
    return result.kind === 'ok' ? EXIT.done : EXIT.checkFailed;
  },
};

export const auditExport: EvidenceVerb = {
  spec: {
    path: ['audit', 'export'],
    summary: 'write events to standard output, one JSON object a line',
    arguments: [],
    options: FILTERS,
    examples: ['audit export --since 2026-11-01 > november.ndjson'],
    audience: 'auditor',
  },
  async run(context) {
    for await (const entry of readAudit(context.services.auditDirectory, filterOf(context))) {
      if (entry.kind === 'damaged') context.io.err(`heldline: line ${entry.line} of ${entry.file} is damaged\n`);
      else context.io.out(`${JSON.stringify(entry.event)}\n`);
      await context.io.flushed();
      if (context.io.cancelled.aborted) return EXIT.interrupted;
    }
    return EXIT.done;
  },
};

async function follow(context: VerbContext<EvidenceServices>, from: number, waiting: AuditEvent[]): Promise<void> {
  const { services, io } = context;
  const missed = waiting.splice(0).filter((event) => event.seq > from);
  for (const event of missed) show(context, event);
  const stop = services.onAudit((event) => show(context, event));
  if (!io.cancelled.aborted) await once(io.cancelled, 'abort');
  stop();
}

function show({ io }: VerbContext<EvidenceServices>, event: AuditEvent): void {
  if (io.json) {
    io.out(`${JSON.stringify(event)}\n`);
    return;
  }
  const who = event.actor?.user ?? '-';
  const where = event.target?.name ?? '-';
  const what = event.command?.text ?? event.reason ?? '';
  io.out(
    `${event.time.slice(0, 19)} ${event.type.padEnd(22)} ${visible(who)} ${visible(where)} ${visible(what)}`.trimEnd(),
  );
  io.out('\n');
}

function limitOf(context: VerbContext<EvidenceServices>): number {
  const given = text(context, 'limit');
  if (given === undefined) return TAIL_DEFAULT;
  const limit = Number(given);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new HeldlineError('usage', '--limit is a number from 1', { kind: 'usage' });
}

function filterOf(context: VerbContext<EvidenceServices>): AuditFilter {
  const now = context.services.clock.now();
  const since = text(context, 'since');
  const until = text(context, 'until');
  const types = list(context, 'type');
  const exact = Object.entries({
    user: text(context, 'user'),
    target: text(context, 'target'),
    session: text(context, 'session'),
  });
  return {
    ...Object.fromEntries(exact.filter(([, value]) => value !== undefined)),
    ...(since === undefined ? {} : { since: parseMoment(since, now) }),
    ...(until === undefined ? {} : { until: parseMoment(until, now) }),
    ...(types.length === 0 ? {} : { types }),
  };
}
