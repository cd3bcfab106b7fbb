/** Holds the source to the tables of ARCHITECTURE.md: imports, packages, proofs, cycles. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { beforeAll, describe, expect, test } from 'vitest';
import { boundaryRules } from './boundary-rules.ts';
import { readImportTable, readProofTable } from './import-table.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const document = readFileSync(`${root}/ARCHITECTURE.md`, 'utf8');
const rows = readImportTable(document);
const proofs = readProofTable(document);

async function cruiseSource(): Promise<ICruiseResult> {
  const options = {
    baseDir: root,
    validate: true,
    ruleSet: boundaryRules(rows, proofs),
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules|^test/' },
  };
  const resolving = {
    extensions: ['.ts', '.js', '.json'],
    exportsFields: ['exports'],
    conditionNames: ['import', 'node', 'default', 'types'],
  };
  const { output } = await cruise(['src'], options, resolving);
  if (typeof output === 'string') throw new TypeError('dependency-cruiser answered with text');
  return output;
}

describe('boundaries', () => {
  let files: readonly string[];
  let result: ICruiseResult;

  beforeAll(async () => {
    const entries = readdirSync(`${root}/src`, { recursive: true, encoding: 'utf8' });
    files = entries.filter((name) => name.endsWith('.ts')).map((name) => `src/${name}`);
    result = await cruiseSource();
  }, 30_000);

  test('every entry of src is a folder with a row', () => {
    const folders = rows.map((row) => row.folder);
    expect(readdirSync(`${root}/src`).filter((entry) => !folders.includes(entry))).toEqual([]);
  });

  test('every file of src was read, and its imports with it', () => {
    const cruised = new Set(result.modules.map((module) => module.source));
    expect(files.filter((file) => !cruised.has(file))).toEqual([]);
    expect(result.summary.totalDependenciesCruised).toBeGreaterThan(files.length / 2);
  });

  test('nobody imports what the tables do not allow', () => {
    const violations = result.summary.violations.map((found) => `${found.from} -> ${found.to}: ${found.rule.name}`);
    expect(violations).toEqual([]);
  });
});
