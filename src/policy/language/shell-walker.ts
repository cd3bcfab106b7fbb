/**
 * Walks a shell tree and hands over every simple command in it, wherever it stands. It decides nothing: what a
 * command means is the catalogue's business.
 */
import type { Redirection, SimpleCommand, StdinSource, ViaLayer } from '../analysis.ts';
import { assignedNames } from './assigned-names.ts';
import { runWords } from './command-runner.ts';
import { expandSingle, expandWords } from './expand-word.ts';
import { type Frame, MOST_LAYERS, reExpanded, tooDeep } from './frame.ts';
import { NETWORK_CLIENTS } from './network-clients.ts';
import { parseShell } from './parse-shell.ts';
import { reExpandedTest } from './re-expansion.ts';
import { ShellScope } from './shell-scope.ts';
import type {
  CommandNode,
  ListItem,
  RawAssignment,
  RawRedirection,
  RawWord,
  ShellList,
  ShellNode,
} from './shell-tree.ts';
import { noteAssignments } from './shell-variables.ts';
import { staticOutput, stdinOf } from './static-output.ts';

/** Loops over at most this many fixed values are walked once for each. */
const MOST_LOOP_VALUES = 8;

/** Parses and walks a text in the given surroundings. Nested text that is cut off is unparsable. */
export function walkText(text: string, frame: Frame): void {
  const tree = parseShell(text);
  if (tree.error !== null) frame.builder.unparsable(tree.error);
  if (tree.incomplete !== null) {
    if (frame.via.length === 0) frame.builder.incomplete(tree.incomplete);
    else frame.builder.unparsable(`${frame.via.at(-1)?.label ?? ''}: ${tree.incomplete}`);
  }
  walkList(tree.list, frame);
}

function walkList(list: ShellList, frame: Frame): void {
  let chain: ShellScope | null = null;
  for (const [index, item] of list.entries()) {
    if (frame.builder.full) return;
    const background = frame.background || item.background;
    const own: ShellScope = scopeOf(item, frame, chain);
    const inner: Frame = {
      ...frame,
      scope: own,
      background,
      pipeline: frame.stages > 1 ? frame.pipeline : frame.builder.nextPipeline(),
    };
    walkNode(item.node, inner);
    chain = item.runs === 'chained' && list[index + 1]?.runs === 'chained' ? own : null;
    if (chain === null && own !== frame.scope) frame.scope.absorb(own);
  }
}

/** What runs only if something else did not fail must leave nothing behind for sure, except for its own chain. */
function scopeOf(item: ListItem, frame: Frame, chain: ShellScope | null): ShellScope {
  if (item.runs === 'always' && !item.background) return frame.scope;
  return chain ?? frame.scope.child();
}

function walkNode(node: ShellNode, frame: Frame): void {
  switch (node.kind) {
    case 'command':
      runCommand(node, frame);
      return;
    case 'pipeline':
      walkPipeline(node.stages, frame);
      return;
    case 'block':
      walkBlock(node, frame);
      return;
    case 'function':
      walkFunction(node.name, node.body, frame);
      return;
    case 'expression':
      walkExpression(node, frame);
      return;
    case 'list':
      walkList(node.list, frame);
      return;
  }
}

function walkPipeline(stages: readonly ShellNode[], frame: Frame): void {
  const pipeline = frame.builder.nextPipeline();
  let stdin = frame.stdin;
  let network = false;
  for (const [stage, node] of stages.entries()) {
    const mark = frame.builder.size;
    const scope = frame.scope.child();
    walkNode(node, { ...frame, scope, stdin, pipeline, stage, stages: stages.length });
    frame.scope.absorb(scope);
    if (stage + 1 === stages.length) return;
    const text = staticOutput(node, stdin, frame.scope, frame.dialect);
    network ||= frame.builder.since(mark).some(isNetworkClient);
    stdin = text === null ? { kind: 'pipe', network } : { kind: 'static', text };
  }
}

function isNetworkClient(command: SimpleCommand): boolean {
  return NETWORK_CLIENTS.has(command.name);
}

type Block = Extract<ShellNode, { readonly kind: 'block' }>;

function walkBlock(block: Block, outer: Frame): void {
  walkRedirections(block.redirs, outer);
  walkWords(block.words, outer);
  const redirs = [...outer.redirs, ...redirections(block.redirs, outer.scope)];
  const stdin = stdinOf(block.redirs, outer.stdin, outer.scope);
  const frame: Frame = { ...outer, redirs, stdin };
  if (block.block === 'group') {
    for (const list of block.lists) walkList(list, frame);
    return;
  }
  if (block.block === 'loop') walkLoop(block, frame);
  else walkBranches(block.lists, frame);
}

function walkBranches(lists: readonly ShellList[], frame: Frame): void {
  for (const list of lists) {
    const scope = frame.scope.child();
    walkList(list, { ...frame, scope });
    frame.scope.absorb(scope);
  }
}

function walkLoop(block: Block, frame: Frame): void {
  const values = block.variable === null ? null : loopValues(block.words, frame);
  for (const value of values ?? [null]) {
    const scope = frame.scope.child();
    for (const list of block.lists) {
      for (const name of assignedNames(list)) scope.set(name, null);
    }
    if (block.variable !== null) scope.set(block.variable, value);
    walkBranches(block.lists, { ...frame, scope, loops: frame.loops - 1 });
    frame.scope.absorb(scope);
  }
}

function loopValues(words: readonly RawWord[], frame: Frame): readonly string[] | null {
  if (words.length === 0 || frame.loops <= 0) return null;
  const values = expandWords(words, frame.scope);
  if (values.length === 0 || values.length > MOST_LOOP_VALUES) return null;
  return values.every((word) => word.kind === 'static') ? values.map((word) => word.text) : null;
}

function walkFunction(name: string, body: ShellNode, frame: Frame): void {
  const scope = new ShellScope(null);
  scope.forgetAll();
  const layer: ViaLayer = { name: 'function', label: `function ${name}` };
  walkNode(body, {
    ...frame,
    scope,
    via: [...frame.via, layer],
    stdin: { kind: 'inherited' },
    redirs: [],
    background: false,
    stages: 1,
    stage: 0,
    definitions: [...frame.definitions, name],
  });
  for (const changed of assignedNames([{ node: body, background: false, runs: 'always' }])) {
    frame.scope.set(changed, null);
  }
}

type Expression = Extract<ShellNode, { readonly kind: 'expression' }>;

function walkExpression(node: Expression, frame: Frame): void {
  walkWords(node.words, frame);
  walkBranches(node.scripts, frame);
  walkRedirections(node.redirs, frame);
  const again =
    node.expression === 'test'
      ? reExpandedTest(node.operators, node.words)
      : (node.words.find((word) => word.text.includes('$'))?.source ?? null);
  if (node.expression === 'test' && again !== null) reExpanded(frame, again);
  for (const word of node.words) forgetArithmetic(word, frame);
  if (node.redirs.length > 0) runWords([], withRedirections(node.redirs, frame));
}

/** `((x = …))` assigns. */
function forgetArithmetic(word: RawWord, frame: Frame): void {
  const name = /^[A-Za-z_]\w*/u.exec(word.text)?.[0];
  if (name !== undefined && frame.scope.get(name) !== undefined) frame.scope.set(name, null);
}

function withRedirections(redirs: readonly RawRedirection[], frame: Frame): Frame {
  if (redirs.length === 0) return frame;
  return {
    ...frame,
    stdin: stdinOf(redirs, frame.stdin, frame.scope),
    redirs: [...frame.redirs, ...redirections(redirs, frame.scope)],
  };
}

function redirections(redirs: readonly RawRedirection[], scope: ShellScope): readonly Redirection[] {
  return redirs.map((redirect) => ({
    operator: redirect.operator,
    descriptor: redirect.descriptor,
    target: redirect.target === null ? null : expandSingle(redirect.target, scope),
  }));
}

function walkRedirections(redirs: readonly RawRedirection[], frame: Frame): void {
  for (const redirect of redirs) {
    if (redirect.target !== null) walkWord(redirect.target, frame);
  }
}

function walkWords(words: readonly RawWord[], frame: Frame): void {
  for (const word of words) {
    if (word.parts !== null) walkWord(word, frame);
  }
}

/** Commands inside a word: substitutions, also in operands and subscripts. */
function walkWord(word: RawWord, frame: Frame): void {
  for (const part of word.parts ?? []) {
    switch (part.kind) {
      case 'literal':
        break;
      case 'brace':
        walkBraces(word, frame);
        return;
      case 'substitution':
        walkSubstitution(part.script, frame, part.process && part.source.startsWith('>'));
        break;
      case 'arithmetic':
        for (const script of part.scripts) walkSubstitution(script, frame, false);
        walkWords(part.words, frame);
        break;
      case 'glob':
        walkWords(part.words, frame);
        break;
      case 'parameter':
        if (part.reExpands) reExpanded(frame, part.source);
        walkWords(part.words, frame);
        break;
    }
  }
}

/** The parser does not look inside braces; the words they expand to are parsed anew. */
function walkBraces(word: RawWord, frame: Frame): void {
  if (!/[$`]|[<>]\(/u.test(word.source)) return;
  const inner = word.source.replace(/[{},]/gu, ' ');
  const node = parseShell(`: ${inner}`).list[0]?.node;
  if (node?.kind === 'command') walkWords(node.words, frame);
}

function walkSubstitution(script: ShellList, frame: Frame, fed: boolean): void {
  const scope = frame.scope.child();
  const via = [...frame.via, { name: 'substitution', label: '$(…)' }];
  if (via.length > MOST_LAYERS) {
    tooDeep(frame);
    return;
  }
  const stdin: StdinSource = fed ? { kind: 'pipe', network: false } : frame.stdin;
  walkList(script, { ...frame, scope, via, stdin, redirs: [], assigns: [], stage: 0, stages: 1 });
  frame.scope.absorb(scope);
}

function runCommand(node: CommandNode, frame: Frame): void {
  const mark = frame.builder.size;
  walkWords(node.words, frame);
  if (node.redirs.length > 0) walkRedirections(node.redirs, frame);
  if (node.assigns.length > 0) walkAssignments(node.assigns, frame);
  const network = frame.builder.size > mark && frame.builder.since(mark).some(isNetworkClient);
  const words = expandWords(node.words, frame.scope);
  const assigns =
    node.assigns.length + node.declares.length === 0
      ? frame.assigns
      : [...frame.assigns, ...noteAssignments(node, words.length === 0, frame)];
  runWords(words, { ...withRedirections(node.redirs, frame), assigns, network });
}

function walkAssignments(assigns: readonly RawAssignment[], frame: Frame): void {
  for (const assign of assigns) {
    if (assign.value !== null) walkWord(assign.value, frame);
    if (assign.index !== null) walkWord(assign.index, frame);
    walkWords(assign.elements, frame);
  }
}
