/**
 * Records cases of test/fixtures/gate-cases.json as byte streams: npx tsx test/support/record-sessions.ts ID ...
 * Run it only when a fixture is wanted anew; what the shells draw depends on their versions.
 */
import { writeFile } from 'node:fs/promises';
import { playCase } from './case-player.ts';
import { loadGateCases } from './gate-case.ts';
import { type SessionEvent, summary } from './recorded-session.ts';
import { makeSandbox } from './sandbox.ts';
import { startTinyPostgres } from './tiny-postgres.ts';

const fixtures = new URL('../fixtures/', import.meta.url);

async function record(ids: readonly string[]): Promise<void> {
  await using database = await startTinyPostgres();
  await using sandbox = await makeSandbox();
  for (const gateCase of loadGateCases(new URL('gate-cases.json', fixtures))) {
    if (!ids.includes(gateCase.id)) continue;
    const events: SessionEvent[] = [];
    const start = performance.now();
    const played = await playCase(sandbox, gateCase, {
      psqlPort: database.port,
      record: (direction, bytes, at) => {
        const text = Buffer.from(bytes).toString('latin1');
        events.push([Math.round(at - start), direction === 'key' ? 'i' : 'o', text]);
      },
    });
    const { id, cols, rows } = gateCase;
    const lines = played.lines.map((line) => summary(line.reading));
    const body = events.map((event) => `    ${JSON.stringify(event)}`).join(',\n');
    const head = `  "id": ${JSON.stringify(id)},\n  "cols": ${cols},\n  "rows": ${rows},\n  "lines": ${JSON.stringify(lines)}`;
    await writeFile(new URL(`terminal/${id}.json`, fixtures), `{\n${head},\n  "events": [\n${body}\n  ]\n}\n`);
  }
}

await record(process.argv.slice(2));
