/** What `heldline init` writes: a commented heldline.yaml and a default policy that is useful as it is. */

export interface InitialConfig {
  readonly hostName: string;
  readonly port: number;
  /** IP addresses to listen on; all IPv4 ones when absent. */
  readonly listen?: readonly string[];
  /** UDP port for Mosh; the number of `port` when absent. */
  readonly moshPort?: number;
  /** Store, keys, recordings, audit; relative to the file's directory. */
  readonly state: string;
  /** Admin socket; relative to the file's directory. */
  readonly run: string;
}

/** Text of heldline.yaml. */
export function initialConfigText(initial: InitialConfig): string {
  const listen = JSON.stringify(initial.listen ?? ['0.0.0.0']);
  return `# heldline.yaml - settings of this bastion. An unknown key is an error; \`heldline config check\` says where.
# Rules, access and approvals are in policy.d/. Users and targets are in the store (heldline user, heldline target).

ssh:
  listen: ${listen} # IP addresses
  port: ${initial.port}
  host_name: ${JSON.stringify(initial.hostName)} # the name that people type
  suffix: .gate # ssh db1.gate, with the snippet of: ssh bastion config
  # banner: Authorised use only. Sessions are recorded.

sign_in:
  second_factor: nobody # nobody, everybody, or { roles: [admin] }: a code besides the key at sign-in
  grace_time: 2m

paths: # relative to the directory of this file
  state: ${JSON.stringify(initial.state)}
  run: ${JSON.stringify(initial.run)}
  policy: policy.d

recording:
  on_failure: freeze # a session whose recording fails: freeze, or end
  freeze: 10m # how long a frozen session waits for the disk
  min_free: 256MiB # below this no new session opens
  max_per_user_hour: 2GiB

approval:
  longest_access: 8h # of access for a time, where the rule says nothing

limits:
  connections_per_address: 64
  pre_auth: 100
  channels_per_connection: 32
  sessions_per_user: 64
  holds_per_user: 16

mosh:
  enabled: true
  listen: ${listen}
  port: ${initial.moshPort ?? initial.port} # UDP
  detached: 1h # how long a session without a client is kept
  clipboard: false # whether targets may set the user's clipboard (OSC 52)

# notify: # who is told of held commands: docs/notifications.md; to try it: heldline notify test
#   receivers:
#     ops: { form: slack, url_file: secrets/slack, asks: [sre] }

# web: # the HTTP API, off unless this is here: docs/http-api.md
#   listen: 127.0.0.1 # anything else needs tls; none: only by ssh -L 8022:web:80 bastion
#   port: 8022
#   url: https://bastion.example.com # how people reach it; notifications link to it
#   tls: { cert: tls/cert.pem, key: tls/key.pem }

# metrics: # for Prometheus, off unless this is here; no sign-in, so loopback or a firewall: docs/operations.md
#   listen: 127.0.0.1
#   port: 9464

log:
  level: info # debug, info, warn, error

drain: 30m # what SIGTERM waits for sessions to end
`;
}

/** Text of policy.d/10-defaults.yaml. */
export function initialPolicyText(): string {
  return `# 10-defaults.yaml - the policy that \`heldline init\` wrote. Change it freely.
# All files of this directory are read as one policy. Check a change: heldline policy check && heldline policy test
# Why is a line held?  heldline policy explain --user alice --target db1 -- 'rm -rf /srv/app'
version: 1

postures: # the first whose \`when\` holds for the target; none holds = everything needs approval
  - when: { label.env: prod }
    default: allow
    on_opaque: approve # what cannot be known before it runs: scripts, $CMD, eval ...
    on_unparsable: approve
    opaque_approval: second-person
    unparsable_approval: second-person
  - when: { any: true }
    default: allow
    on_opaque: approve
    on_unparsable: approve

access: # who may reach what; nothing matches = no access
  - { who: { role: admin }, targets: { any: true } }
  - { who: { any: true }, targets: { label.env: [dev, test, sandbox] } }

approvals: # \`self\` (one's own code) always exists
  second-person:
    stages: [{ who: { role: admin }, count: 1, factor: totp }]
    expires: 10m
    reason: optional

rules:
  - id: no-tampering
    effect: deny
    hard: true # stays in a break-glass as well
    match: { catalogue: [log.tamper, log.audit-off, hist.tamper, rec.hide] }
    message: Logs, history and recording are not to be tampered with.

  - id: host-destruction
    effect: deny
    match: { catalogue: [fs.rm-root, disk.write-device, disk.dd-device, proc.forkbomb] }
    message: This destroys the host.

  - id: critical
    effect: approve
    approval: second-person
    match: { severity: critical }
    except: { when: { label.env: [dev, test, sandbox] } }
    grant: none

  - id: high
    effect: approve
    approval: self
    match: { severity: ">=high" }

  - id: remote-code
    effect: approve
    approval: second-person
    when: { label.env: prod }
    match: { catalogue: [shell.remote-script, shell.pipe-interpreter] }

tests:
  - line: "rm -rf /srv/app/old"
    labels: { env: dev }
    user: ana
    roles: [dev]
    expect: { effect: approve, rule: high, ids: [fs.rm-recursive] }
  - {
      line: "rm -rf /",
      labels: { env: dev },
      user: ana,
      roles: [dev],
      expect: { effect: deny, rule: host-destruction },
    }
  - line: "mkfs.ext4 /dev/sdb1"
    labels: { env: staging }
    user: ana
    roles: [dev]
    expect: { effect: approve, rule: critical, approval: [second-person, self] }
  - {
      line: "$CMD -rf /",
      labels: { env: prod },
      user: ana,
      roles: [dev],
      expect: { effect: approve, opaque: true, approval: second-person },
    }
  - { line: "git commit -m 'rm -rf /'", labels: { env: prod }, user: ana, roles: [dev], expect: { effect: allow } }
  - { line: "systemctl status nginx", labels: { env: prod }, user: ana, roles: [dev], expect: { effect: allow } }
`;
}
