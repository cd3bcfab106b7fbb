/** Runs the verbs that read evidence in this process: when no daemon runs, or for a recording given by its path. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { peekAuditHead } from '../app/inventory.ts';
import { readKeys } from '../app/key-files.ts';
import { stateLayout } from '../app/open-state.ts';
import { systemClock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { createSignatureChecker } from '../base/signing.ts';
import type { EvidenceServices } from '../console/services.ts';
import type { EvidenceVerb, VerbCall, VerbIo } from '../console/verb.ts';
import { playFiles } from '../console/verbs/session-play.ts';
import { listDirectories } from '../recording/catalogue.ts';
import { META_FILE } from '../recording/layout.ts';
import { openRecording } from '../recording/reader.ts';
import type { CommandContext } from './command-context.ts';
import { readConfig } from './locate.ts';
import type { OwnTerminal } from './own-terminal.ts';
import { accountName } from './process-surroundings.ts';

/** A verb as it was typed, with its files read. */
export interface TypedVerb {
  readonly path: readonly string[];
  readonly call: VerbCall;
  readonly json: boolean;
  readonly interactive: boolean;
}

/** The directory of the recording that `session play DIR` names: it, or the only one in the years below it. */
export async function looseRecording({ path, call }: TypedVerb): Promise<string | undefined> {
  const [directory = ''] = call.arguments;
  if (path.join(' ') !== 'session play' || !existsSync(directory) || !statSync(directory).isDirectory())
    return undefined;
  if (existsSync(join(directory, META_FILE))) return directory;
  const [only, other] = await listDirectories(directory);
  if (only !== undefined && other === undefined) return only.directory;
  const message =
    only === undefined ? `${directory} holds no recording` : `${directory} holds several recordings; name one of them`;
  throw new HeldlineError('session.unreadable', message, { kind: 'not-found' });
}

/** Plays a recording that lies in `directory`, wherever it came from. */
export async function playLoose(typed: TypedVerb, terminal: OwnTerminal, directory: string): Promise<number> {
  const opened = await openRecording(directory);
  if (opened.kind === 'unreadable')
    throw new HeldlineError('session.unreadable', `${directory} cannot be read: ${opened.why}`);
  const nothing = {
    auditDirectory: '',
    recordings: '',
    auditHead: () => Promise.resolve(null),
    onAudit: () => () => {},
  };
  const services = { ...nothing, checkSignature: () => 'unknown-key' as const, clock: systemClock };
  return playFiles({ ...contextOf(typed, terminal), services }, opened.files);
}

/** Runs `verb` over the files of the configuration's state. */
export async function runOnFiles(verb: EvidenceVerb, typed: TypedVerb, context: CommandContext): Promise<number> {
  const { paths } = await readConfig(context.configOption());
  const layout = stateLayout(paths.state);
  const { signingPublic } = await readKeys(layout.keys);
  const services: EvidenceServices = {
    auditDirectory: layout.audit,
    recordings: layout.recordings,
    auditHead: () => peekAuditHead(layout.store),
    onAudit: () => () => {},
    checkSignature: createSignatureChecker([signingPublic]),
    clock: systemClock,
  };
  return verb.run({ ...contextOf(typed, context.terminal), services });
}

function contextOf(typed: TypedVerb, terminal: OwnTerminal) {
  return { call: typed.call, caller: { kind: 'local', account: accountName() }, io: ownIo(typed, terminal) } as const;
}

function ownIo({ json, interactive }: TypedVerb, terminal: OwnTerminal): VerbIo {
  return {
    out: (text) => terminal.out(text),
    err: (text) => terminal.err(text),
    flushed: () => terminal.flushed(),
    interactive,
    json,
    get size() {
      return terminal.size;
    },
    ask: (prompt, options) => terminal.ask(prompt, options?.hidden === true),
    firstLine: () => terminal.firstLine(),
    keys: interactive
      ? (onKeys, onResize) => {
          terminal.wantKeys(true, onKeys, onResize);
          return () => terminal.wantKeys(false, onKeys, onResize);
        }
      : undefined,
    cancelled: terminal.interrupted,
  };
}
