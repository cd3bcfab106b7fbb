/** The metrics of the built program as a scraper reads them, the dashboard that shows them, and the self-test. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import parse, { type ParsedFamily } from 'parse-prometheus-text-format';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { freePort } from '../support/free-port.ts';
import { holdCommand } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { waitUntil } from '../support/wait-until.ts';

const dashboardFile = fileURLToPath(new URL('../../config/grafana/heldline.json', import.meta.url));

let world: BastionAndHost;
let port: number;

beforeAll(async () => {
  port = await freePort();
  world = await BastionAndHost.start({ config: (yaml) => `${yaml}\nmetrics: { port: ${port} }\n` });
  await world.bastion.waitForAudit('selftest.passed');
});
afterAll(() => world[Symbol.asyncDispose]());

async function scrape(): Promise<readonly ParsedFamily[]> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return parse(await response.text());
}

function figureOf(families: readonly ParsedFamily[], name: string, labels: Record<string, string> = {}): number {
  const metrics = families.find((family) => family.name === name)?.metrics ?? [];
  const found = metrics.find((one) => Object.entries(labels).every(([key, value]) => one.labels?.[key] === value));
  return Number(found?.value ?? found?.count ?? Number.NaN);
}

describe('/metrics', () => {
  test('is what a parser of the format reads, and follows what happens', async () => {
    const before = await scrape();
    expect(before.length).toBeGreaterThan(15);
    expect(before.every(({ help, type }) => help !== '' && /^(GAUGE|COUNTER|HISTOGRAM)$/.test(type))).toBe(true);
    expect(figureOf(before, 'heldline_holds', { state: 'pending' })).toBe(0);
    const alice = await Person.join(world.bastion, 'alice');
    const bob = await Person.join(world.bastion, 'bob', ['sre']);
    await using held = await holdCommand(world.bastion, alice, world.at('made'));
    expect(figureOf(await scrape(), 'heldline_holds', { state: 'pending' })).toBe(1);
    const approved = await bob.approve(held.request.id, held.request.digest, await bob.phone.code());
    expect(approved.code).toBe(0);
    await held.running.ended;
    const after = await scrape();
    expect(figureOf(after, 'heldline_requests_total', { outcome: 'approved' })).toBe(1);
    expect(figureOf(after, 'heldline_hold_decision_seconds')).toBe(1);
    expect(figureOf(after, 'heldline_release_latency_seconds')).toBe(1);
    expect(JSON.stringify(after)).not.toMatch(/alice|bob|"host"/);
  });

  test('answers nothing else', async () => {
    const at = (path: string, method = 'GET'): Promise<number> =>
      fetch(`http://127.0.0.1:${port}${path}`, { method }).then(({ status }) => status);
    expect(await at('/')).toBe(404);
    expect(await at('/metrics/../')).toBe(404);
    expect(await at('/metrics', 'POST')).toBe(405);
  });
});

describe('the self-test', () => {
  test('has passed, is seen by doctor and metrics, and by nobody else', async () => {
    expect(figureOf(await scrape(), 'heldline_selftest_ok')).toBe(1);
    expect((await world.bastion.run(['doctor'])).text).toMatch(/^ok +hold and release were tried out/m);
    const events = await world.bastion.audit();
    const steps = events.filter(({ type }) => type === 'selftest.step');
    expect(steps.length).toBeGreaterThan(8);
    const others = JSON.stringify(events.filter(({ type }) => !String(type).startsWith('selftest.')));
    expect(others).not.toContain('self-test');
    expect(JSON.stringify(await world.bastion.json(['requests']))).not.toContain('self-test');
  });
});

const dashboard = z.object({
  title: z.string(),
  uid: z.string(),
  schemaVersion: z.int().min(36),
  templating: z.object({ list: z.array(z.object({ name: z.literal('datasource'), type: z.literal('datasource') })) }),
  panels: z.array(
    z.object({
      id: z.int(),
      title: z.string().min(1),
      type: z.enum(['stat', 'timeseries', 'bargauge']),
      gridPos: z.object({ x: z.int().max(23), y: z.int(), w: z.int().max(24), h: z.int() }),
      targets: z.array(z.object({ refId: z.string(), expr: z.string().min(1) })).min(1),
    }),
  ),
});

test('the dashboard asks only for metrics that there are, and for all of them but the number of events', async () => {
  const { panels } = dashboard.parse(JSON.parse(await readFile(dashboardFile, 'utf8')));
  const asked = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(/heldline_\w+/g) ?? []));
  const names = new Set((await scrape()).map(({ name }) => name));
  const shown = new Set(asked.map((name) => (names.has(name) ? name : name.replace(/_bucket$/, ''))));
  expect([...shown].filter((name) => !names.has(name))).toEqual([]);
  expect([...names].filter((name) => !shown.has(name))).toEqual(['heldline_audit_events_total']);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
});

test('a port that is taken turns the metrics off and nothing else', async () => {
  await using second = await BastionAndHost.start({ config: (yaml) => `${yaml}\nmetrics: { port: ${port} }\n` });
  await waitUntil('the log says it', () => second.bastion.log.includes('metrics are off'));
  expect((await second.bastion.run(['requests'])).code).toBe(0);
});
