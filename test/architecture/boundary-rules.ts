/** Turns the tables of ARCHITECTURE.md into rules for dependency-cruiser. */
import type { IFlattenedRuleSet } from 'dependency-cruiser';
import type { FolderRow, ProofRow } from './import-table.ts';

/** Packages that every folder may use. */
const sharedPackages = ['zod', 'string-width', 'picocolors', 'uqr'];

/** Packages that unit tests may use besides. */
const testPackages = ['vitest', 'fast-check'];

const testFile = String.raw`\.test\.ts$`;

type Rule = NonNullable<IFlattenedRuleSet['forbidden']>[number];

/** One rule a folder, one a package and one a proof, and those that hold for every folder. */
export function boundaryRules(folders: readonly FolderRow[], proofs: readonly ProofRow[]): IFlattenedRuleSet {
  return {
    forbidden: [
      ...folders.map(folderRule),
      ...folders.flatMap((row) => row.packages.map((name) => ownerRule(row.folder, name))),
      ...proofs.map(proofRule),
      ...generalRules(folders.flatMap((row) => row.packages)),
    ],
  };
}

function folderRule(row: FolderRow): Rule {
  return {
    name: `${row.folder} may import ${row.mayImport.join(', ') || 'nothing'}`,
    severity: 'error',
    from: { path: `^src/${row.folder}/` },
    to: { path: '^src/', pathNot: `^src/(${[row.folder, ...row.mayImport].join('|')})/` },
  };
}

function ownerRule(folder: string, name: string): Rule {
  return {
    name: `${name} only in ${folder}`,
    severity: 'error',
    from: { path: '^src/', pathNot: `^src/${folder}/` },
    to: { path: packagePath([name]) },
  };
}

function proofRule(row: ProofRow): Rule {
  return {
    name: `${row.proof} is made only in ${row.folder}`,
    severity: 'error',
    from: { path: '^src/', pathNot: [`^src/${row.folder}/`, testFile] },
    to: { path: `^src/${row.file}$`, dependencyTypesNot: ['type-only'] },
  };
}

function generalRules(ownedPackages: readonly string[]): Rule[] {
  const everywhere = [...ownedPackages, ...sharedPackages];
  return [
    {
      name: 'a package must stand in the table',
      severity: 'error',
      from: { path: '^src/', pathNot: testFile },
      to: { path: 'node_modules/', pathNot: [packagePath(everywhere), packagePath(['@types/node'])] },
    },
    {
      name: 'a unit test may add vitest and fast-check',
      severity: 'error',
      from: { path: `^src/.*${testFile}` },
      to: { path: 'node_modules/', pathNot: packagePath([...everywhere, ...testPackages]) },
    },
    {
      name: 'only unit tests use test/support',
      severity: 'error',
      from: { path: '^src/', pathNot: testFile },
      to: { path: ['^test/', testFile] },
    },
    {
      name: 'unit tests use nothing of test/ but support and fixtures',
      severity: 'error',
      from: { path: `^src/.*${testFile}` },
      to: { path: '^test/', pathNot: '^test/(support|fixtures)/' },
    },
    {
      name: 'nothing outside src and test',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        path: '^[^/]',
        pathNot: ['^(src|test)/', 'node_modules/'],
        dependencyTypesNot: ['core'],
        couldNotResolve: false,
      },
    },
    { name: 'no cycles', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    { name: 'every import resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ];
}

function packagePath(names: readonly string[]): string {
  return `node_modules/(${names.join('|')})/`;
}
