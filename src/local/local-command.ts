/** What is run for a request to a local target: program, words, account, directory, environment. Pure. */
import { HeldlineError } from '../base/heldline-error.ts';
import type { LocalTarget } from '../model/target.ts';
import type { TargetOpening } from '../session/ports.ts';

export interface LocalCommand {
  readonly program: string;
  readonly words: readonly string[];
  /** All of it; nothing is inherited from us. */
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
}

/** Programs of the machine that a request may need. */
export interface LocalPrograms {
  /** OpenSSH's SFTP server, if there is one. */
  readonly sftpServer: string | null;
  /** setpriv of util-linux, if there is one: it changes the account and drops all supplementary groups. */
  readonly setpriv: string | null;
}

/** @throws HeldlineError `target.refused` when the request cannot be served here */
export function localCommand(target: LocalTarget, opening: TargetOpening, programs: LocalPrograms): LocalCommand {
  const [program, words] = programOf(target, opening, programs);
  const directory = target.home ?? '/';
  const environment = { HOME: directory, ...target.environment, ...opening.environment, ...terminalOf(opening) };
  return asAccount(target, { program, words, environment, directory }, programs);
}

function programOf(target: LocalTarget, opening: TargetOpening, programs: LocalPrograms): [string, readonly string[]] {
  const [program, ...words] = target.argv;
  switch (opening.kind) {
    case 'shell':
      return [program, words];
    case 'exec':
      return [program, ['-c', decode(opening.command.bytes, target)]];
    case 'sftp':
      if (programs.sftpServer !== null) return [programs.sftpServer, []];
      throw new HeldlineError('target.refused', `${target.name} has no SFTP: this machine has no sftp-server.`, {
        hint: 'Install the package openssh-sftp-server.',
      });
  }
}

function terminalOf(opening: TargetOpening): Record<string, string> {
  return opening.kind === 'sftp' || opening.terminal === null ? {} : { TERM: opening.terminal.term };
}

/** Words of a program are text on this platform's API; other bytes cannot be passed on unchanged. */
function decode(command: Uint8Array, target: LocalTarget): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(command);
  } catch (cause) {
    throw new HeldlineError('target.refused', `${target.name} takes only commands in UTF-8.`, { cause });
  }
}

function asAccount(target: LocalTarget, command: LocalCommand, programs: LocalPrograms): LocalCommand {
  if (target.account === undefined) return command;
  if (programs.setpriv === null) {
    throw new HeldlineError('target.refused', `${target.name} cannot run as another account: setpriv is missing.`, {
      hint: 'Install the package util-linux.',
    });
  }
  const { uid, gid } = target.account;
  const change = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'];
  return { ...command, program: programs.setpriv, words: [...change, command.program, ...command.words] };
}
