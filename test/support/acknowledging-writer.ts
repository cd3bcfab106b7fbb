/**
 * A child process for the crash test: stores numbered notes without end, four at a time, and prints each
 * number after it was acknowledged. `node --import tsx acknowledging-writer.ts DIRECTORY FIRST`
 */
import { writeSync } from 'node:fs';
import { EmbeddedDatabase } from '../../src/store/embedded/embedded-database.ts';

const [directory = '', first = '0'] = process.argv.slice(2);
const database = await EmbeddedDatabase.open({ directory, compactAfterRecords: 50 });
for (let next = Number(first); ; next += 4) {
  const numbers = [next, next + 1, next + 2, next + 3];
  const writes = numbers.map((seq) =>
    database.transact((transaction) => transaction.put('notes', `n${seq}`, { seq, hash: '' })),
  );
  await Promise.all(writes);
  writeSync(1, `${numbers.join('\n')}\n`);
}
