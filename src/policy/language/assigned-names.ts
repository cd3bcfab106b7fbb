/** Which variables a piece of shell syntax may assign, so that a loop or function makes them unknown. */
import type { CommandNode, ShellList, ShellNode } from './shell-tree.ts';

/** Builtins whose operands name variables that they set. */
const SETTERS: ReadonlySet<string> = new Set([
  'read',
  'unset',
  'mapfile',
  'readarray',
  'getopts',
  'let',
  'printf',
  'local',
  'declare',
  'typeset',
  'export',
]);

/** Names assigned anywhere in the list, nested blocks included; substitutions cannot assign for it. */
export function assignedNames(list: ShellList): ReadonlySet<string> {
  const names = new Set<string>();
  for (const item of list) collect(item.node, names);
  return names;
}

function collectLists(lists: readonly ShellList[], names: Set<string>): void {
  for (const list of lists) for (const item of list) collect(item.node, names);
}

function collect(node: ShellNode, names: Set<string>): void {
  switch (node.kind) {
    case 'command':
      fromCommand(node, names);
      return;
    case 'pipeline':
      for (const stage of node.stages) collect(stage, names);
      return;
    case 'block':
      if (node.variable !== null) names.add(node.variable);
      collectLists(node.lists, names);
      return;
    case 'function':
      collect(node.body, names);
      return;
    case 'expression':
      for (const word of node.words) names.add(word.text);
      return;
    case 'list':
      collectLists([node.list], names);
      return;
  }
}

function fromCommand(node: CommandNode, names: Set<string>): void {
  for (const assign of node.assigns) names.add(assign.name);
  for (const assign of node.declares) names.add(assign.name);
  if (!SETTERS.has(node.words[0]?.text ?? '')) return;
  for (const word of node.words) names.add(word.text);
}
