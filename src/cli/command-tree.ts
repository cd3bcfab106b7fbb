/** Finding a place in the tree of commands. */
import type { Command } from 'commander';

/** The command at `path` below `program`, made with its parents when missing. */
export function commandAt(program: Command, path: readonly string[]): Command {
  let command = program;
  for (const name of path) {
    command = command.commands.find((child) => child.name() === name) ?? command.command(name);
  }
  return command;
}
