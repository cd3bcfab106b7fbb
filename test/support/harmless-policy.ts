/**
 * A policy in which harmless commands stand for dangerous ones: what a test runs may do no harm even when the
 * bastion lets it through by mistake.
 *
 *   touch    held for one's own code, two minutes
 *   mkdir    held for one of the role sre, two minutes
 *   cp       held for one of the role sre, two seconds
 *   ln       blocked
 */
export const harmlessPolicy: Readonly<Record<string, string>> = {
  '10-defaults.yaml': `version: 1
postures:
  - { when: { any: true }, default: allow, on_opaque: approve, on_unparsable: approve }
access:
  - { who: { any: true }, targets: { any: true } }
approvals:
  own: { stages: [{ who: requester, factor: totp }], expires: 2m }
  colleague: { stages: [{ who: { role: sre }, count: 1, factor: totp }], expires: 2m, reason: optional }
  brief: { stages: [{ who: { role: sre }, count: 1, factor: totp }], expires: 2s }
rules:
  - { id: no-links, effect: deny, match: { command: ln }, message: links are never allowed here }
  - { id: own-code, effect: approve, approval: own, match: { command: touch } }
  - { id: second-person, effect: approve, approval: colleague, match: { command: mkdir } }
  - { id: two-seconds, effect: approve, approval: brief, match: { command: cp } }
`,
};
