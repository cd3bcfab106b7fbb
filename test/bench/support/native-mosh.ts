/**
 * Our server in a process of its own, with a plain bash for each session and nothing else. Prints one invitation
 * for each empty line of its input, collects its garbage at the word `collect`, and ends when its input does.
 */
import { createInterface } from 'node:readline';
import { MoshStack } from '../../integration/mosh/support/mosh-stack.ts';

const stack = await MoshStack.start();
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'collect') {
    globalThis.gc?.();
    process.stdout.write('collected\n');
    continue;
  }
  const { port, key } = await stack.invite();
  process.stdout.write(`MOSH CONNECT ${port} ${key}\n`);
}
await stack[Symbol.asyncDispose]();
