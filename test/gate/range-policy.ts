/**
 * The rules of a case run. On a target labelled `gate: observe` nothing is stopped and what is flagged is marked as
 * approved by rule, so that the audit log tells it; on one labelled `gate: enforce` everything flagged and
 * everything that cannot be read is denied.
 */
const MATCH = `{ any: [{ regex: "rm -rf" }, { regex: "reboot|shutdown|mkfs|systemctl stop" }, { catalogue: ["sql.*"] }] }`;

export const rangePolicy: Readonly<Record<string, string>> = {
  '10-defaults.yaml': `version: 1
postures:
  - { when: { label.gate: enforce }, default: allow, on_opaque: deny, on_unparsable: allow }
  - { when: { any: true }, default: allow, on_opaque: allow, on_unparsable: allow }
access:
  - { who: { any: true }, targets: { any: true } }
rules:
  - { id: flagged-here, effect: deny, when: { label.gate: enforce }, match: ${MATCH} }
  - { id: flagged, effect: auto-approve, when: { label.gate: observe }, match: ${MATCH} }
`,
};
