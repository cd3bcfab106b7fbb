/** Defaults and units: from what a file says to a complete `Config`. */
import { dirname, resolve } from 'node:path';
import type { Config, LimitsConfig, PathsConfig, RecordingConfig, SignInConfig, SshConfig } from './config.ts';
import type { ConfigFile } from './config-schema.ts';
import { metricsOf } from './metrics-config.ts';
import { notifyOf } from './notify-config.ts';
import { bytes, milliseconds } from './units.ts';
import { webOf } from './web-config.ts';

/** Where things lie when neither file nor flags say so; `app` or `cli` computes it (system or XDG). */
export interface DefaultPaths {
  readonly state: string;
  readonly run: string;
}

/** @param file path of the file; relative paths in it are relative to its directory */
export function resolveConfig(raw: ConfigFile, file: string, defaults: DefaultPaths): Config {
  const ssh = sshOf(raw.ssh);
  return {
    file,
    ssh,
    signIn: signInOf(raw.sign_in),
    paths: pathsOf(raw.paths, dirname(resolve(file)), defaults),
    recording: recordingOf(raw.recording),
    approval: { longestAccess: milliseconds(raw.approval?.longest_access ?? '8h') },
    limits: limitsOf(raw.limits),
    mosh: {
      enabled: raw.mosh?.enabled ?? true,
      listen: raw.mosh?.listen === undefined ? ssh.listen : listOf(raw.mosh.listen),
      port: raw.mosh?.port ?? ssh.port,
      detached: milliseconds(raw.mosh?.detached ?? '1h'),
      clipboard: raw.mosh?.clipboard ?? false,
    },
    notify: notifyOf(raw.notify, dirname(resolve(file))),
    web: webOf(raw.web, dirname(resolve(file))),
    metrics: metricsOf(raw.metrics),
    log: { level: raw.log?.level ?? 'info' },
    drain: milliseconds(raw.drain ?? '30m'),
  };
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function sshOf(raw: ConfigFile['ssh']): SshConfig {
  return {
    listen: listOf(raw?.listen ?? '0.0.0.0'),
    port: raw?.port ?? 2222,
    hostName: raw?.host_name ?? 'localhost',
    suffix: raw?.suffix ?? '.gate',
    banner: raw?.banner ?? null,
  };
}

function signInOf(raw: ConfigFile['sign_in']): SignInConfig {
  const factor = raw?.second_factor ?? 'nobody';
  return {
    secondFactor: typeof factor === 'string' ? { kind: factor } : { kind: 'roles', roles: factor.roles },
    graceTime: milliseconds(raw?.grace_time ?? '2m'),
  };
}

function pathsOf(raw: ConfigFile['paths'], base: string, defaults: DefaultPaths): PathsConfig {
  return {
    state: raw?.state === undefined ? defaults.state : resolve(base, raw.state),
    run: raw?.run === undefined ? defaults.run : resolve(base, raw.run),
    policy: resolve(base, raw?.policy ?? 'policy.d'),
  };
}

function recordingOf(raw: ConfigFile['recording']): RecordingConfig {
  return {
    onFailure: raw?.on_failure ?? 'freeze',
    freeze: milliseconds(raw?.freeze ?? '10m'),
    minFree: bytes(raw?.min_free ?? '256MiB'),
    maxPerUserHour: bytes(raw?.max_per_user_hour ?? '2GiB'),
  };
}

function limitsOf(raw: ConfigFile['limits']): LimitsConfig {
  return {
    connectionsPerAddress: raw?.connections_per_address ?? 64,
    preAuth: raw?.pre_auth ?? 100,
    channelsPerConnection: raw?.channels_per_connection ?? 32,
    sessionsPerUser: raw?.sessions_per_user ?? 64,
    holdsPerUser: raw?.holds_per_user ?? 16,
  };
}
