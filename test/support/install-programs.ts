/**
 * Brings the Debian packages that the tests need: installs what is missing as root where apt exists, else
 * names it and fails. Starts no service: a policy-rc.d that forbids it stands while packages are unpacked.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { debianPackages } from './debian-packages.ts';
import { whereIs } from './find-program.ts';

const policyFile = '/usr/sbin/policy-rc.d';

/** Installs what is missing. False when something still is, which has been said on stderr. */
export function installPrograms(): boolean {
  const missing = missingPackages();
  if (missing.length > 0 && mayInstall()) install(missing);
  if (isRoot() && whereIs('sshd') !== null) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const left = missingPackages();
  if (left.length > 0)
    process.stderr.write(`The tests need programs that are missing: apt-get install ${left.join(' ')}\n`);
  return left.length === 0;
}

function missingPackages(): readonly string[] {
  const missing = Object.entries(debianPackages).filter(([program]) => whereIs(program) === null);
  return [...new Set(missing.map(([, name]) => name))].sort();
}

function mayInstall(): boolean {
  return isRoot() && whereIs('apt-get') !== null;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function install(packages: readonly string[]): void {
  const ownPolicy = !existsSync(policyFile);
  if (ownPolicy) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    apt(['update', '-qq']);
    apt(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
  } finally {
    if (ownPolicy) rmSync(policyFile);
  }
}

function apt(words: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  // What apt has to say belongs on stderr: stdout is for the results of the tests.
  spawnSync('apt-get', words, { env, stdio: ['ignore', 2, 2], timeout: 600_000 });
}
