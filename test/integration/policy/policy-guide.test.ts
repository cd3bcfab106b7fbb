/** Every example of the guide to policy compiles, and its tests pass. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { initialPolicyText } from '../../../src/config/initial-config.ts';
import { parseYamlDocument } from '../../../src/config/yaml-document.ts';
import { compilePolicy } from '../../../src/policy/compile-policy.ts';
import { prepareSql } from '../../../src/policy/language/postgres-parser.ts';
import { runPolicyTests } from '../../../src/policy/test-policy.ts';

const guide = readFileSync(new URL('../../../docs/policy.md', import.meta.url), 'utf8');
const examples = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);

beforeAll(prepareSql);

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(2);
});

test.each(examples)('an example is good: %#', (text) => {
  const { document } = parseYamlDocument('guide.yaml', text);
  const { policy, findings } = compilePolicy(document === null ? [] : [document]);
  // The guide speaks of this warning beside the example that has it.
  const said = text.includes('urgency: high')
    ? [expect.stringContaining('"change" does not hold what people say')]
    : [];
  expect(findings.map(({ message }) => message)).toEqual(said);
  const failures = policy === null ? ['no policy'] : runPolicyTests(policy, 0).flatMap((result) => result.failures);
  expect(failures).toEqual([]);
});

test('the example by the clock changes nothing else when it is put beside what init writes', () => {
  const example = examples.find((text) => text.includes('windows:')) ?? '';
  const documents = [initialPolicyText(), example].flatMap(
    (text, index) => parseYamlDocument(`${index}.yaml`, text).document ?? [],
  );
  const { policy, findings } = compilePolicy(documents);
  expect(findings).toEqual([]);
  const results = policy === null ? [] : runPolicyTests(policy, 0);
  expect(results.length).toBeGreaterThan(8);
  expect(results.flatMap((result) => result.failures)).toEqual([]);
});
