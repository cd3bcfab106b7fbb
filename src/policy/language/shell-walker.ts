/**
 * Walks a shell tree and notes every simple command in it, wrapped or not, wherever it stands. It decides
 * nothing: what a command means is the catalogue's business.
 */
import type { Dialect, Redirection, SimpleCommand, StdinSource, StructuralFact, ViaLayer, Word } from '../analysis.ts';
import type { AnalysisBuilder } from './analysis-builder.ts';
import { assignedNames } from './assigned-names.ts';
import { expandSingle, expandWords } from './expand-word.ts';
import { NETWORK_CLIENTS } from './network-clients.ts';
import { parseShell } from './parse-shell.ts';
import { baseName, normalisePath } from './path-normal-form.ts';
import { literalText, reExpandedAssignment, reExpandedOperand, reExpandedTest } from './re-expansion.ts';
import { ShellScope } from './shell-scope.ts';
import type { CommandNode, RawAssignment, RawRedirection, RawWord, ShellList, ShellNode } from './shell-tree.ts';
import { analyseSql } from './sql.ts';
import { staticOutput, stdinOf } from './static-output.ts';
import { unwrapperOf } from './unwrap.ts';
import { type Inner, NO_FACTS, type Unwrapped } from './unwrapping.ts';

/** Layers of wrappers and texts in texts beyond which a line is opaque. */
const MOST_LAYERS = 12;
/** Loops over at most this many fixed values are walked once for each. */
const MOST_LOOP_VALUES = 8;

/** The surroundings of a command. */
export interface Frame {
  readonly builder: AnalysisBuilder;
  readonly dialect: Dialect;
  readonly scope: ShellScope;
  readonly via: readonly ViaLayer[];
  readonly stdin: StdinSource;
  readonly redirs: readonly Redirection[];
  readonly assigns: SimpleCommand['assigns'];
  readonly pipeline: number;
  readonly stage: number;
  readonly stages: number;
  readonly remote: boolean;
  readonly background: boolean;
  readonly unseenOperands: boolean;
  /** Names of the functions or aliases whose bodies this is in. */
  readonly definitions: readonly string[];
  /** A substitution in the words being run has a network client. */
  readonly network: boolean;
  /** Walks left for loops over known values. */
  readonly loops: number;
}

export function firstFrame(builder: AnalysisBuilder, dialect: Dialect, cwd: string | null): Frame {
  return {
    builder,
    dialect,
    scope: new ShellScope(cwd),
    via: [],
    stdin: { kind: 'inherited' },
    redirs: [],
    assigns: [],
    pipeline: 0,
    stage: 0,
    stages: 1,
    remote: false,
    background: false,
    unseenOperands: false,
    definitions: [],
    network: false,
    loops: 2,
  };
}

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
  for (const item of list) {
    if (frame.builder.full) return;
    const background = frame.background || item.background;
    const own = item.conditional || item.background ? frame.scope.child() : frame.scope;
    const inner: Frame = {
      ...frame,
      scope: own,
      background,
      pipeline: frame.stages > 1 ? frame.pipeline : frame.builder.nextPipeline(),
    };
    walkNode(item.node, inner);
    if (own !== frame.scope) frame.scope.absorb(own);
  }
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
  const mark = frame.builder.size;
  let stdin = frame.stdin;
  for (const [stage, node] of stages.entries()) {
    const scope = frame.scope.child();
    walkNode(node, { ...frame, scope, stdin, pipeline, stage, stages: stages.length });
    frame.scope.absorb(scope);
    if (stage + 1 === stages.length) return;
    const text = staticOutput(node, stdin, frame.scope, frame.dialect);
    const network = text === null && frame.builder.since(mark).some(isNetworkClient);
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
  for (const changed of assignedNames([{ node: body, background: false, conditional: false }])) {
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

function reExpanded(frame: Frame, word: string): void {
  const detail = `\`${word}\` is expanded a second time when it is used, which runs the command in it.`;
  frame.builder.opaque('re-expansion', detail, word, 'leave the command out of the subscript or prompt');
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

function tooDeep(frame: Frame): void {
  const detail = `Commands are wrapped more than ${MOST_LAYERS} deep.`;
  frame.builder.opaque('nesting', detail, frame.via.at(-1)?.label ?? null, 'run the inner command itself');
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

function noteAssignments(node: CommandNode, lasting: boolean, frame: Frame): SimpleCommand['assigns'] {
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

/** Notes the command that these words are, and what it runs in turn. */
function runWords(words: readonly Word[], frame: Frame): void {
  const first = words[0];
  if (frame.via.length > MOST_LAYERS) {
    tooDeep(frame);
    return;
  }
  if (first === undefined) {
    if (frame.redirs.length + frame.assigns.length > 0) emit('', words, null, frame);
    return;
  }
  const name = commandName(first, frame);
  const args = words.slice(1);
  const reader = unwrapperOf(name);
  const { stdin, via, dialect, network } = frame;
  const inside = reader === null ? null : reader({ name, args, stdin, via, dialect, network });
  emit(name, words, inside, frame);
  applyBuiltin(name, args, frame);
  for (const inner of inside?.inner ?? []) runInner(name, inner, frame);
}

/** The base name; a dynamic name is opaque, and only a fixed last segment of it counts. */
function commandName(first: Word, frame: Frame): string {
  if (first.kind === 'static') {
    const program = frame.dialect === 'zsh' ? first.text.replace(/^=/u, '') : first.text;
    return baseName(program);
  }
  const detail = `The name of the command, \`${first.text}\`, is known only when it runs.`;
  frame.builder.opaque('command-name', detail, first.text, `expand \`${first.text}\` yourself`);
  const last = first.pieces?.at(-1);
  const slash = last?.kind === 'literal' ? last.text.lastIndexOf('/') : -1;
  return last?.kind === 'literal' && slash !== -1 ? last.text.slice(slash + 1) : '';
}

function emit(name: string, words: readonly Word[], inside: Unwrapped | null, frame: Frame): void {
  const args = words.slice(1);
  const own = inside?.own ?? null;
  const carries = inside?.inner.some((inner) => inner.kind !== 'opaque') === true;
  frame.builder.add({
    kind: 'shell',
    name,
    program: words[0]?.text ?? '',
    argv: words.map((word) => word.text),
    args: own === null ? args : args.slice(0, own),
    assigns: frame.assigns,
    redirs: frame.redirs,
    via: frame.via,
    pipeline: frame.pipeline,
    stage: frame.stage,
    stages: frame.stages,
    stdin: frame.stdin,
    remote: frame.remote,
    background: frame.background,
    transparent: carries,
    unseenOperands: frame.unseenOperands,
    cwd: frame.remote ? null : frame.scope.cwd,
    dynamic: words.some((word) => word.kind !== 'static'),
    facts: factsOf(name, inside, frame),
    sqlIds: [],
    sqlReadOnly: false,
  });
  const again = words.length > 1 ? reExpandedOperand(name, args) : null;
  if (again !== null) reExpanded(frame, again);
}

function factsOf(name: string, inside: Unwrapped | null, frame: Frame): readonly StructuralFact[] {
  const found = inside?.facts ?? NO_FACTS;
  if (frame.definitions.length === 0) return found;
  const forks = frame.definitions.includes(name) && (frame.background || frame.stages > 1);
  return forks ? [...found, 'definition', 'fork-bomb'] : [...found, 'definition'];
}

function runInner(name: string, inner: Inner, frame: Frame): void {
  const label = 'label' in inner && inner.label !== undefined ? inner.label : name;
  const via = [...frame.via, { name, label }];
  switch (inner.kind) {
    case 'opaque':
      frame.builder.opaquePart(inner.part);
      return;
    case 'argv': {
      const assigns = [...frame.assigns, ...(inner.assigns ?? []).map(assignmentOf)];
      runWords(inner.words, {
        ...frame,
        via,
        assigns,
        stdin: inner.stdin ?? frame.stdin,
        remote: frame.remote || inner.remote === true,
        unseenOperands: frame.unseenOperands || inner.unseenOperands === true,
      });
      return;
    }
    case 'text':
      runText(inner, { ...frame, via, remote: frame.remote || inner.remote === true });
      return;
    case 'sql':
      runSql(inner.client, inner.text, { ...frame, via });
      return;
  }
}

function assignmentOf(word: Word): SimpleCommand['assigns'][number] {
  const equals = word.text.indexOf('=');
  return {
    name: word.text.slice(0, equals).replace(/\+$/u, ''),
    value: { ...word, text: word.text.slice(equals + 1), kind: word.kind === 'static' ? 'static' : 'dynamic' },
  };
}

function runText(inner: Extract<Inner, { readonly kind: 'text' }>, frame: Frame): void {
  if (frame.via.length > MOST_LAYERS) {
    tooDeep(frame);
    return;
  }
  if (inner.text.kind === 'dynamic') {
    const detail = `The text that \`${frame.via.at(-1)?.label ?? ''}\` runs, \`${inner.text.text}\`, is put together when it runs.`;
    frame.builder.opaque('eval', detail, inner.text.text, 'write the values into the text');
  }
  const { scope } = frame;
  const own = inner.scope === 'same' ? scope : inner.scope === 'child' ? scope.child() : new ShellScope(scope.cwd);
  const stdin: StdinSource = frame.stdin.kind === 'static' ? { kind: 'inherited' } : frame.stdin;
  walkText(inner.text.text, { ...frame, scope: own, stdin, assigns: [], redirs: frame.redirs });
  if (inner.scope === 'same' && inner.text.kind === 'dynamic') scope.forgetAll();
  if (inner.scope === 'child') scope.absorb(own);
}

function runSql(client: 'psql' | 'mysql', text: string, frame: Frame, interactive = false): void {
  const found = analyseSql(text, client, interactive);
  if (found.incomplete !== null) frame.builder.incomplete(found.incomplete);
  for (const part of found.opaque) frame.builder.opaquePart(part);
  for (const statement of found.statements) {
    frame.builder.add({
      kind: 'sql',
      name: 'sql',
      program: 'sql',
      argv: [statement.text],
      args: [],
      assigns: [],
      redirs: [],
      via: frame.via,
      pipeline: frame.pipeline,
      stage: frame.stage,
      stages: frame.stages,
      stdin: frame.stdin,
      remote: frame.remote,
      background: frame.background,
      transparent: false,
      unseenOperands: false,
      cwd: null,
      dynamic: false,
      facts: NO_FACTS,
      sqlIds: statement.ids,
      sqlReadOnly: statement.readOnly,
    });
  }
  for (const shell of found.shell) {
    const scope = new ShellScope(null);
    walkText(shell, {
      ...frame,
      scope,
      via: [...frame.via, { name: client, label: `${client} \\!` }],
      assigns: [],
      redirs: [],
    });
  }
}

/** Runs a database client's text that is the submission itself. */
export function walkSql(client: 'psql' | 'mysql', text: string, frame: Frame): void {
  runSql(client, text, frame, true);
}

/** What a builtin changes for the commands behind it. */
function applyBuiltin(name: string, args: readonly Word[], frame: Frame): void {
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
