/** `mosh status`: the UDP ports, and whether clients get through to them. */
import { formatDuration } from '../../base/duration.ts';
import { visible } from '../../base/visible.ts';
import type { MoshReport } from '../../model/mosh-report.ts';
import { columns } from '../columns.ts';
import { EXIT, type Verb } from '../verb.ts';
import { printJson } from '../verb-values.ts';

export const moshStatus: Verb = {
  spec: {
    path: ['mosh', 'status'],
    summary: 'where Mosh listens, and whether its clients get through',
    arguments: [],
    options: [],
    examples: ['mosh status', 'mosh status --json'],
    audience: 'local',
  },
  run: async ({ services, io }) => {
    const report = await services.mosh();
    if (io.json) printJson(io, { mosh: report === null ? null : jsonOf(report) });
    else io.out(report === null ? 'Mosh is switched off (mosh.enabled).\n' : textOf(report, services.clock.now()));
    return EXIT.done;
  },
};

function jsonOf({ fault, ports, heard, unheard, lastFromElsewhere: last }: MoshReport): Record<string, unknown> {
  const lastClient = last === null ? null : { address: last.address, at: new Date(last.at).toISOString() };
  return { fault, ports, heard, unheard, last_from_elsewhere: lastClient };
}

function textOf({ fault, ports, heard, unheard, lastFromElsewhere: last }: MoshReport, now: number): string {
  if (fault !== null) return `Mosh is off: ${visible(fault)}\n`;
  const rows = ports.map((one) => [one.address, String(one.port), one.fault ?? 'open', String(one.refused)]);
  const far =
    last === null ? 'none from another machine' : `last ${formatDuration(now - last.at)} ago from ${last.address}`;
  return `${columns(['ADDRESS', 'PORT', 'STATE', 'STRANGERS'], rows)}\nclients heard: ${heard} (${far})\nlet in and never heard: ${unheard}\n`;
}
