/** What doctor makes of what a daemon says about its UDP ports; the daemon here is the admin socket and one verb. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AdminServer } from '../../../src/app/admin/admin-server.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { moshCheck } from '../../../src/cli/mosh-check.ts';
import { resolveConfig } from '../../../src/config/resolve-config.ts';
import type { ConsoleServices } from '../../../src/console/services.ts';
import { moshStatus } from '../../../src/console/verbs/mosh.ts';
import type { MoshReport } from '../../../src/model/mosh-report.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const config = resolveConfig({ ssh: { host_name: 'bastion.example.com' } }, '/etc/heldline/heldline.yaml', {
  state: '/s',
  run: '/r',
});

let folder: TempDir;
let udp: Socket;
let arrived: number;
let admin: AdminServer | undefined;

beforeEach(async () => {
  folder = await tempDir();
  arrived = 0;
  udp = createSocket('udp4').on('message', () => {
    arrived += 1;
  });
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
});

afterEach(async () => {
  await admin?.stop();
  admin = undefined;
  udp.close();
  await folder[Symbol.asyncDispose]();
});

/** @param report what the daemon says, at each question anew */
async function checked(report: () => MoshReport | null): Promise<{ readonly level: string; readonly text: string }> {
  const socketPath = folder.at('admin.sock');
  const services: Pick<ConsoleServices, 'mosh'> = { mosh: () => Promise.resolve(report()) };
  admin = new AdminServer({
    socketPath,
    verbs: [moshStatus],
    services: services as ConsoleServices,
    logger: silentLogger,
  });
  await admin.start();
  return moshCheck(config, socketPath, NOW);
}

function listening(more: Partial<MoshReport> = {}): MoshReport {
  const port = { address: '127.0.0.1', port: udp.address().port, fault: null, refused: arrived };
  return { fault: null, ports: [port], heard: 0, unheard: 0, lastFromElsewhere: null, ...more };
}

describe('doctor about mosh', () => {
  test('before anybody came from outside it says what it cannot know, and how to try', async () => {
    const { level, text } = await checked(() => listening());
    expect(level).toBe('warn');
    expect(text).toContain(`UDP port ${udp.address().port} is reached on this machine`);
    expect(text).toContain('cannot be seen from here');
    expect(text).toContain('mosh --ssh="ssh -p 2222" USER@bastion.example.com');
  });

  test('a client from elsewhere is the proof', async () => {
    const lastFromElsewhere = { address: '192.0.2.7', at: NOW - 120_000 };
    expect(await checked(() => listening({ heard: 1, lastFromElsewhere }))).toEqual({
      level: 'ok',
      text: `mosh: UDP port ${udp.address().port} is reached from outside; last from 192.0.2.7, 2 min ago`,
    });
  });

  test('clients that were let in and never heard point to a firewall', async () => {
    const { level, text } = await checked(() => listening({ unheard: 3 }));
    expect(level).toBe('warn');
    expect(text).toContain('the last 3 clients that were let in over SSH sent nothing');
    expect(text).toContain(`open UDP port ${udp.address().port} in the firewalls`);
  });

  test('a datagram of this machine that does not arrive is a failure', async () => {
    const { level, text } = await checked(() => {
      const report = listening();
      return { ...report, ports: report.ports.map((port) => ({ ...port, refused: 0 })) };
    });
    expect(level).toBe('fail');
    expect(text).toContain('do not reach the daemon');
  });

  test.each<[string, Partial<MoshReport>, string]>([
    ['Mosh is off', { fault: 'this build of Node.js has no AES-128-OCB' }, 'mosh is off: this build'],
    ['no address is covered', { ports: [] }, 'no address that mosh.listen covers (0.0.0.0)'],
    [
      'a port cannot be had',
      { ports: [{ address: '127.0.0.1', port: 2222, fault: 'Mosh cannot listen there', refused: 0 }] },
      'mosh: Mosh cannot listen there',
    ],
  ])('%s: failure', async (_name, more, words) => {
    const { level, text } = await checked(() => listening(more));
    expect(level).toBe('fail');
    expect(text).toContain(words);
  });

  test('switched off is fine', async () => {
    expect(await checked(() => null)).toMatchObject({ level: 'ok', text: 'mosh is switched off (mosh.enabled)' });
  });

  test('without a daemon nothing listens', async () => {
    const { level, text } = await moshCheck(config, folder.at('none.sock'), NOW);
    expect(level).toBe('warn');
    expect(text).toContain('no daemon is running');
  });
});
