/** The files of one demo: configuration, policy, and what an ssh client needs to play alice and bob. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoUser } from './demo-users.ts';

export interface DemoPlaces {
  readonly data: string;
  readonly configFile: string;
  readonly sshConfig: string;
  readonly home: string;
}

export function demoPlaces(data: string): DemoPlaces {
  return {
    data,
    configFile: join(data, 'heldline.yaml'),
    sshConfig: join(data, 'ssh', 'config'),
    home: join(data, 'home'),
  };
}

const POLICY = `# Policy of the demo: three commands, three outcomes.
version: 1
postures:
  - { when: { any: true }, default: allow, on_opaque: approve }
access:
  - { who: { any: true }, targets: { target: sandbox } }
approvals:
  colleague: { stages: [{ who: { role: sre }, count: 1, factor: totp }], expires: 10m, reason: optional }
rules:
  - id: never-the-root
    effect: deny
    match: { catalogue: [fs.rm-root, disk.*] }
    message: removing a system directory is never allowed here
  - { id: restarts, effect: approve, approval: colleague, match: { command: service.sh, subcommand: [restart] } }
  - { id: high-needs-your-code, effect: approve, approval: self, match: { severity: ">=high" } }
`;

/** Writes configuration and policy; the state is made by `initialiseState`. */
export async function writeDemoConfig({ data, configFile }: DemoPlaces, port: number): Promise<void> {
  await mkdir(join(data, 'policy.d'), { mode: 0o700 });
  const config = [
    `ssh: { listen: 127.0.0.1, port: ${port}, host_name: 127.0.0.1 }`,
    'paths: { state: state, run: run }',
    'recording: { min_free: 16MiB }',
    'mosh: { enabled: false }',
    'drain: 1s',
    '',
  ];
  await writeFile(configFile, config.join('\n'), { mode: 0o600 });
  await writeFile(join(data, 'policy.d', '10-demo.yaml'), POLICY, { mode: 0o600 });
}

/** Writes keys, known hosts and the client's configuration: `sandbox` is alice's shell, `approvals` is bob's side. */
export async function writeSshFiles(
  places: DemoPlaces,
  port: number,
  users: readonly [alice: DemoUser, bob: DemoUser],
  knownHosts: readonly string[],
): Promise<void> {
  const directory = join(places.data, 'ssh');
  await mkdir(directory, { mode: 0o700 });
  for (const user of users) await writeFile(join(directory, user.name), user.privateKey, { mode: 0o600 });
  await writeFile(join(directory, 'known_hosts'), knownHosts.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  const [alice, bob] = users;
  const config = [
    ...host('bastion', port, alice, directory),
    ...host('sandbox', port, { ...alice, name: `${alice.name}@sandbox` }, directory, alice.name),
    ...host('approvals', port, bob, directory),
    'Host *.gate',
    '  ProxyJump bastion',
    '  User auto',
    `  UserKnownHostsFile "${join(directory, 'known_hosts')}"`,
    '  GlobalKnownHostsFile none',
    '',
  ];
  await writeFile(places.sshConfig, config.join('\n'), { mode: 0o600 });
}

function host(alias: string, port: number, user: DemoUser, directory: string, key: string = user.name): string[] {
  return [
    `Host ${alias}`,
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${user.name}`,
    `  IdentityFile "${join(directory, key)}"`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile "${join(directory, 'known_hosts')}"`,
    '  GlobalKnownHostsFile none',
    '',
  ];
}
