/** `heldline policy catalogue [ID]`: the dangers that rules can name, those of one's own files included. */
import type { Command } from 'commander';
import { requirePolicy } from '../app/policy-files.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { didYouMean } from '../base/nearest-word.ts';
import { visible } from '../base/visible.ts';
import { columns } from '../console/columns.ts';
import { type CatalogueLine, catalogueLines } from '../policy/catalogue-lines.ts';
import type { CommandContext } from './command-context.ts';
import { commandAt } from './command-tree.ts';
import { readConfig } from './locate.ts';

interface Flags {
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  heldline policy catalogue
  heldline policy catalogue svc.restart
  heldline policy catalogue --json
`;

export function addPolicyCatalogue(program: Command, context: CommandContext): void {
  commandAt(program, ['policy', 'catalogue'])
    .description('list the dangers that rules can name, or tell all about one')
    .argument('[ID]', 'one of them, e.g. svc.restart')
    .option('--json', 'one object a line')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string | undefined, flags: Flags) => {
      const lines = await linesOf(context);
      context.terminal.out(textOf(id === undefined ? lines : [named(lines, id)], id !== undefined, flags));
    });
}

/** Without a configuration, or with a policy that has errors, there are still the shipped ones. */
async function linesOf(context: CommandContext): Promise<readonly CatalogueLine[]> {
  try {
    const { paths } = await readConfig(context.configOption());
    return catalogueLines(await requirePolicy(paths.policy));
  } catch (failure) {
    if (!(failure instanceof HeldlineError)) throw failure;
    context.terminal.err(`heldline: only what is shipped, because ${failure.message.split('\n')[0] ?? ''}\n`);
    return catalogueLines(null);
  }
}

function named(lines: readonly CatalogueLine[], id: string): CatalogueLine {
  const found = lines.find((line) => line.id === id);
  if (found !== undefined) return found;
  const guess = didYouMean(
    id,
    lines.map((line) => line.id),
  );
  throw new HeldlineError('catalogue.unknown', `there is no catalogue entry "${id}"${guess}`, {
    kind: 'not-found',
    hint: 'All of them: heldline policy catalogue',
  });
}

function textOf(lines: readonly CatalogueLine[], isOne: boolean, flags: Flags): string {
  if (flags.json === true) return lines.map((line) => `${JSON.stringify({ v: 1, ...line })}\n`).join('');
  if (isOne) return lines.map(wholeText).join('');
  const rows = lines.map(({ id, severity, why }) => [id, severity ?? '-', why]);
  return columns(['ID', 'SEVERITY', 'WHY'], rows);
}

function wholeText({ id, severity, why, alternative, positive, negative }: CatalogueLine): string {
  const parts = [
    `${id}${severity === null ? '' : `, ${severity}`}`,
    `why: ${why}`,
    ...(alternative === null ? [] : [`instead: ${alternative}`]),
    ...examples('matches', positive),
    ...examples('does not match', negative),
    `in a rule: match: { catalogue: ${id} }`,
  ];
  return parts.map((part) => `${visible(part)}\n`).join('');
}

function examples(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}
