/** Policies from YAML text, for tests. */
import { formatFinding } from '../../src/config/format-finding.ts';
import { parseYamlDocument } from '../../src/config/yaml-document.ts';
import type { SourceDocument } from '../../src/model/source-document.ts';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import type { Policy } from '../../src/policy/policy.ts';

/** `text` compiled as the only file `policy.yaml`, with `version: 1` before it. @throws TypeError if it has an error */
export function policyFromText(text: string): Policy {
  const outcome = compileText(text);
  if (outcome.policy === null) throw new TypeError(outcome.findings.map(formatFinding).join('\n'));
  return outcome.policy;
}

/** What is found in `text`: `file:line:column message`, warnings included. `version: 1` stands before it as line 1. */
export function findingsInText(text: string): readonly string[] {
  return compileText(text).findings.map(formatFinding);
}

/** `text` as the file `policy.yaml`. @throws TypeError if it is not acceptable YAML */
export function documentFromText(text: string): SourceDocument {
  const { document, findings } = parseYamlDocument('policy.yaml', text);
  if (document === null) throw new TypeError(findings.map(formatFinding).join('\n'));
  return document;
}

function compileText(text: string): ReturnType<typeof compilePolicy> {
  const read = parseYamlDocument('policy.yaml', `version: 1\n${text}`);
  if (read.document === null) return { policy: null, findings: read.findings };
  return compilePolicy([read.document]);
}
