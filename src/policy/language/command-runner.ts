/** Notes one command after expansion, looks inside it when it is a wrapper, and follows what it runs. */
import type { SimpleCommand, StdinSource, StructuralFact, Word } from '../analysis.ts';
import { type Frame, MOST_LAYERS, reExpanded, tooDeep } from './frame.ts';
import { baseName } from './path-normal-form.ts';
import { reExpandedOperand } from './re-expansion.ts';
import { ShellScope } from './shell-scope.ts';
import { applyBuiltin } from './shell-variables.ts';
import { analyseSql } from './sql.ts';
import { unwrapperOf } from './unwrap.ts';
import { type Inner, NO_FACTS, type Unwrapped } from './unwrapping.ts';

/** Notes the command that these words are, and what it runs in turn. */
export function runWords(words: readonly Word[], frame: Frame): void {
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
    cwd: frame.scope.cwd,
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
        scope: inner.remote === true ? new ShellScope(null) : frame.scope,
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
  const own = scopeFor(inner, scope);
  // Text that was the input is spent: neither it nor its redirect belongs to what it runs.
  const spent = inner.fromStdin === true;
  const stdin: StdinSource = spent ? { kind: 'inherited' } : frame.stdin;
  const redirs = spent ? frame.redirs.filter((redirect) => !redirect.operator.startsWith('<')) : frame.redirs;
  frame.walk(inner.text.text, { ...frame, scope: own, stdin, assigns: [], redirs });
  if (inner.scope === 'same' && inner.text.kind === 'dynamic') scope.forgetAll();
  if (inner.scope === 'child') scope.absorb(own);
}

/** Another host starts in a directory that is not known here. */
function scopeFor(inner: Extract<Inner, { readonly kind: 'text' }>, scope: ShellScope): ShellScope {
  if (inner.scope === 'same') return scope;
  if (inner.scope === 'child') return scope.child();
  return new ShellScope(inner.remote === true ? null : scope.cwd);
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
    frame.walk(shell, {
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
