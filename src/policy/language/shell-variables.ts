/** What assignments and builtins make known, or unknown, for the commands behind them. */
import type { SimpleCommand, Word } from '../analysis.ts';
import { expandSingle } from './expand-word.ts';
import { type Frame, reExpanded } from './frame.ts';
import { normalisePath } from './path-normal-form.ts';
import { literalText, reExpandedAssignment } from './re-expansion.ts';
import type { ShellScope } from './shell-scope.ts';
import type { CommandNode, RawAssignment } from './shell-tree.ts';

/** Takes in the assignments of a command; `lasting` when they hold behind it. */
export function noteAssignments(node: CommandNode, lasting: boolean, frame: Frame): SimpleCommand['assigns'] {
  return [...node.assigns, ...node.declares].map((assign) => {
    const value = assign.value === null ? null : expandSingle(assign.value, frame.scope);
    const text = value === null ? '' : literalText(value);
    if (reExpandedAssignment(assign.name, text)) reExpanded(frame, `${assign.name}=${text}`);
    if (lasting || node.declares.includes(assign)) setVariable(assign, value, frame.scope);
    return { name: assign.name, value };
  });
}

function setVariable(assign: RawAssignment, value: Word | null, scope: ShellScope): void {
  const known = value !== null && value.kind !== 'dynamic' && assign.index === null;
  if (!known) scope.set(assign.name, null);
  else if (!assign.append) scope.set(assign.name, value.text);
  else {
    const before = scope.get(assign.name);
    scope.set(assign.name, typeof before === 'string' ? before + value.text : null);
  }
}

/** What a builtin changes for the commands behind it. */
export function applyBuiltin(name: string, args: readonly Word[], frame: Frame): void {
  const { scope } = frame;
  switch (name) {
    case 'cd':
    case 'pushd':
      scope.cwd = directory(args, scope.cwd);
      return;
    case 'popd':
      scope.cwd = null;
      return;
    case 'source':
    case '.':
      scope.forgetAll();
      return;
    case 'read':
    case 'unset':
    case 'mapfile':
    case 'readarray':
    case 'getopts':
    case 'let':
    case 'printf':
      for (const changed of args) {
        const variable = /^[A-Za-z_]\w*/u.exec(changed.text)?.[0];
        if (variable !== undefined && (name !== 'printf' || scope.get(variable) !== undefined))
          scope.set(variable, null);
      }
      return;
    default:
      return;
  }
}

function directory(args: readonly Word[], cwd: string | null): string | null {
  const target = args.find((word) => !/^-./u.test(word.text));
  if (target === undefined) return '~';
  if (target.kind !== 'static' || target.text === '-') return null;
  if (!/^[/~]/u.test(target.text) && cwd === null) return null;
  return normalisePath(target.text, cwd);
}
