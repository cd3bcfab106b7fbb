/** Reads heldline.yaml from disk into a `Config`, or says what is wrong with it. Applies no variables and no flags. */
import { readAs } from '../model/schema-findings.ts';
import type { Finding, SourceDocument } from '../model/source-document.ts';
import type { Config } from './config.ts';
import { configSchema } from './config-schema.ts';
import { type DefaultPaths, resolveConfig } from './resolve-config.ts';
import { readSourceFile } from './source-file.ts';

export type ConfigOutcome =
  | { readonly config: Config; readonly findings: readonly Finding[] }
  | { readonly config: null; readonly findings: readonly Finding[] };

/** Never throws: whatever is wrong is a finding. @param defaults paths for what the file leaves out */
export async function loadConfig(file: string, defaults: DefaultPaths): Promise<ConfigOutcome> {
  const read = await readSourceFile(file);
  if (read.document === null) return { config: null, findings: read.findings };
  return configFrom(read.document, defaults);
}

/** The same for a document that was read already. An empty document means all defaults. */
export function configFrom(document: SourceDocument, defaults: DefaultPaths): ConfigOutcome {
  const filled = document.value === null ? { ...document, value: {} } : document;
  const outcome = readAs(configSchema, filled);
  if (outcome.value === null) return { config: null, findings: outcome.findings };
  return {
    config: resolveConfig(outcome.value, document.file, defaults),
    findings: warningsOf(document, outcome.value),
  };
}

function warningsOf(
  document: SourceDocument,
  raw: { readonly mosh?: { readonly enabled?: boolean | undefined; readonly port?: number | undefined } | undefined },
): Finding[] {
  if (raw.mosh?.enabled !== false || raw.mosh.port === undefined) return [];
  const message = 'mosh.port has no effect while mosh.enabled is false';
  return [{ file: document.file, position: document.locateKey(['mosh', 'port']), severity: 'warning', message }];
}
