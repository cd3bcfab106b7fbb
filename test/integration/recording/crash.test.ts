import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSignatureChecker, createSigner } from '../../../src/base/signing.ts';
import { findRecording } from '../../../src/recording/catalogue.ts';
import { readEvents } from '../../../src/recording/reader.ts';
import { recoverRecordings } from '../../../src/recording/recover.ts';
import { Sealer } from '../../../src/recording/sealer.ts';
import { verifyRecording } from '../../../src/recording/verify.ts';
import { findProgram } from '../../support/find-program.ts';

const CHILD = fileURLToPath(new URL('record-until-killed.ts', import.meta.url));
const SESSION = '01930000-0000-7000-8000-000000000001';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'heldline-crash-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

type Fact = Readonly<Record<string, unknown>>;

/** Follows what a child says until `enough` holds; fails when the child ends before. */
async function follow(
  child: ChildProcessWithoutNullStreams,
  enough: (facts: readonly Fact[]) => boolean,
): Promise<Fact[]> {
  const facts: Fact[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    facts.push(JSON.parse(line));
    if (enough(facts)) return facts;
  }
  throw new TypeError(`the child ended: ${JSON.stringify(facts.slice(-5))}`);
}

function latest(facts: readonly Fact[], name: string): number {
  return Math.max(0, ...facts.flatMap((fact) => (typeof fact[name] === 'number' ? [fact[name]] : [])));
}

async function linesStored(): Promise<{ last: number; lastTime: number }> {
  const found = await findRecording(root, SESSION);
  if (found.kind !== 'found') throw new TypeError(found.kind);
  let text = '';
  const report = await readEvents(found.entry.files, (event) => {
    if (event.kind === 'output') text += event.text;
    return undefined;
  });
  expect(report.reason?.kind ?? 'torn').toBe('torn');
  const numbers = [...text.matchAll(/line (\d+) /g)].map((match) => Number(match[1]));
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  return { last: numbers.at(-1) ?? 0, lastTime: report.lastTime };
}

describe('a recorder that is killed', () => {
  test.each([70, 133, 250])('loses nothing that it said was on the disk (killed after %i lines)', async (lines) => {
    const child = spawn(process.execPath, ['--import', 'tsx', CHILD, root, SESSION]);
    const ended = once(child, 'exit');
    const facts = await follow(child, (so) => latest(so, 'taken') >= lines && latest(so, 'durable') > 0);
    child.kill('SIGKILL');
    await ended;
    const stored = await linesStored();
    expect(stored.last).toBeGreaterThanOrEqual(latest(facts, 'durable'));

    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const sealer = await Sealer.open(root, 'n1', createSigner(privateKey));
    const [recovered] = await recoverRecordings({ root, sealer, liveBoots: new Set(['b2']) });
    expect(recovered?.draft).toMatchObject({
      type: 'recording.recovered',
      outcome: 'success',
      session: { id: SESSION },
    });
    const verified = await verifyRecording(recovered?.directory ?? '', createSignatureChecker([publicKey]));
    expect(verified).toMatchObject({ kind: 'incomplete', exitCode: 2 });
  });
});

describe('a recorder on a full disk', () => {
  test('tells at once, keeps what it took, and goes on when there is room again', async () => {
    // A mount of its own, seen by nobody else and gone with the child; without root in a user namespace.
    const flags = process.getuid?.() === 0 ? '-m' : '-rm';
    const script = [
      'mount -t tmpfs -o size=600k tmpfs "$0" || exit 9',
      'head -c 300k /dev/zero > "$0/filler"',
      // Room comes back when the parent says so.
      '(read -r _ < "$0.go"; rm -f "$0/filler") &',
      '"$2" --import tsx "$1" "$0" "$3" || exit 8',
      'cat "$0"/*/*/*/*/seal.json; zcat "$0"/*/*/*/*/*.cast.gz | tail -n 5',
    ].join('\n');
    const fifo = `${root}.go`;
    await once(spawn(findProgram('mkfifo'), [fifo]), 'exit');
    const child = spawn(findProgram('unshare'), [flags, 'sh', '-c', script, root, CHILD, process.execPath, SESSION]);
    const ended = once(child, 'exit');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const facts: Fact[] = [];
    const until = async (name: string): Promise<void> => {
      while (!facts.some((fact) => name in fact)) {
        const { value, done } = await lines.next();
        if (done === true) throw new TypeError(`the child ended before ${name}: ${JSON.stringify(facts.slice(-3))}`);
        facts.push(JSON.parse(value));
      }
    };
    try {
      await until('failed');
      expect(facts).toContainEqual({ failed: 'append.write' });
      const go = spawn('sh', ['-c', 'echo go > "$0"', fifo]);
      await once(go, 'exit');
      await until('recovered');
      child.stdin.end('close\n');
      await until('sealed');
      const sealed = facts.find((fact) => 'sealed' in fact);
      expect(sealed?.['sealed']).toBe('complete');
      const rest: string[] = [];
      for (let next = await lines.next(); next.done !== true; next = await lines.next()) rest.push(next.value);
      expect(rest.join('\n')).toContain('"state": "complete"');
      expect(rest.join('\n')).toContain(`line ${sealed?.['count']} `);
      expect((await ended)[0]).toBe(0);
    } finally {
      child.kill('SIGKILL');
      await rm(fifo, { force: true });
    }
  });
});
