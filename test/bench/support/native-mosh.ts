/**
 * Our server in a process of its own, with a plain bash for each session and nothing else. Prints one invitation
 * for each line of its input, and ends when its input does.
 */
import { createInterface } from 'node:readline';
import { MoshStack } from '../../integration/mosh/support/mosh-stack.ts';

const stack = await MoshStack.start();
for await (const _line of createInterface({ input: process.stdin })) {
  const { port, key } = await stack.invite();
  process.stdout.write(`MOSH CONNECT ${port} ${key}\n`);
}
await stack[Symbol.asyncDispose]();
