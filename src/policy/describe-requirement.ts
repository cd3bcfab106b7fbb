/** A requirement in words: `1 of sre, not alice (code); expires in 10 min`. */
import { formatDuration } from '../base/duration.ts';
import { factorsInWords } from '../model/factor-words.ts';
import type { Requirement, Stage } from '../model/requirement.ts';
import type { Selector } from '../model/selector.ts';

/** @param requester whose own vote does not count, when it is known who asks */
export function describeRequirement(requirement: Requirement, requester?: string): string {
  const joint = requirement.mode === 'sequential' ? ', then ' : ' and ';
  const reason = requirement.reason.required ? '; a reason is required' : '';
  const stages = requirement.stages.map((stage) => describeStage(stage, requester));
  return `${stages.join(joint)}; expires in ${formatDuration(requirement.expires)}${reason}`;
}

/** One stage in words. */
function describeStage(stage: Stage, requester: string | undefined): string {
  if (stage.who === 'requester') return `your own ${factorsInWords(stage)}`;
  const others = requester === undefined ? '' : `, not ${requester}`;
  return `${stage.count} of ${describeSelector(stage.who)}${others} (${factorsInWords(stage)})`;
}

function describeSelector(selector: Selector): string {
  switch (selector.kind) {
    case 'always':
      return 'anybody';
    case 'any':
      return selector.of.map(describeSelector).join(' or ');
    case 'all':
      return selector.of.map(describeSelector).join(' and ');
    case 'not':
      return `not ${describeSelector(selector.of)}`;
    case 'users':
      return selector.names.join(', ');
    case 'role':
      return selector.roles.join(' or ');
    case 'targets':
      return `target ${selector.names.join(', ')}`;
    case 'label':
      return `label ${selector.key}=${selector.values.join('|')}`;
  }
}
