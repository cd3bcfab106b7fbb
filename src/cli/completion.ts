/** `heldline completion bash|zsh|fish`: a script that completes the names of commands. */
import type { Command } from 'commander';
import { HeldlineError } from '../base/heldline-error.ts';
import type { CommandContext } from './command-context.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export function addCompletion(program: Command, { terminal }: CommandContext): void {
  program
    .command('completion')
    .description('print a completion script')
    .argument('<SHELL>', SHELLS.join(', '))
    .addHelpText('after', '\nExamples:\n  heldline completion bash > /etc/bash_completion.d/heldline\n')
    .action((shell: string) => terminal.out(scriptFor(shell, program)));
}

function scriptFor(shell: string, program: Command): string {
  const groups = program.commands.map(
    (command) => [command.name(), command.commands.map((child) => child.name())] as const,
  );
  switch (shell) {
    case 'bash':
      return bashScript(groups);
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(groups)}`;
    case 'fish':
      return groups.map(([name, children]) => fishLines(name, children)).join('');
    default:
      throw new HeldlineError('usage', `there is no completion for "${shell}"; there is ${SHELLS.join(', ')}`, {
        kind: 'usage',
      });
  }
}

type Groups = readonly (readonly [string, readonly string[]])[];

function bashScript(groups: Groups): string {
  const cases = groups
    .filter(([, children]) => children.length > 0)
    .map(([name, children]) => `    ${name}) words="${children.join(' ')}" ;;`);
  return [
    '_heldline() {',
    '  local words',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell fills it in
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    `    *) words="${groups.map(([name]) => name).join(' ')}" ;;`,
    '  esac',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell fills it in
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -F _heldline heldline',
    '',
  ].join('\n');
}

function fishLines(name: string, children: readonly string[]): string {
  const own = `complete -c heldline -f -n __fish_use_subcommand -a ${name}\n`;
  if (children.length === 0) return own;
  return `${own}complete -c heldline -f -n '__fish_seen_subcommand_from ${name}' -a '${children.join(' ')}'\n`;
}
