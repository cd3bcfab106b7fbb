/** An interactive `ssh -tt` in a real pty with an emulated screen. */
import { ScreenTerminal, type ScreenTerminalOptions } from './screen-terminal.ts';
import type { SshClient } from './ssh-client.ts';

/** Opens a shell on the client's server, or runs `command` there with a terminal. */
export function openSshTerminal(
  client: SshClient,
  options: ScreenTerminalOptions & { readonly command?: string } = {},
): ScreenTerminal {
  const command = options.command === undefined ? [] : [options.command];
  return ScreenTerminal.start('ssh', ['-F', client.configFile, '-tt', 'server', ...command], options);
}
