import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { checkPolicies } from '../../src/adapters/policy-cedar/check-policies.ts';
import { compilePolicies } from '../../src/adapters/policy-cedar/compile-policies.ts';
import { generateCedarSchema } from '../../src/adapters/policy-cedar/generate-cedar-schema.ts';
import { loadPolicyBundle } from '../../src/adapters/policy-cedar/load-policy-bundle.ts';
import { parseCases } from '../../src/adapters/policy-cedar/parse-cases.ts';
import { parsePolicies } from '../../src/adapters/policy-cedar/parse-policies.ts';
import { readCedarSchema } from '../../src/adapters/policy-cedar/read-cedar-schema.ts';
import { readCaseFiles } from '../../src/adapters/policy-cedar/read-policy-folder.ts';
import { deskCatalogue } from './desk-catalogue.ts';

const catalogue = await deskCatalogue();
const bundle = await loadPolicyBundle('policies', catalogue);
const { cases } = parseCases((await readCaseFiles('policies')).files);
const { policies } = parsePolicies(bundle.policies);
const compiled = compilePolicies({ policies, schema: readCedarSchema(bundle.schema), obligations: [] });

test('the checked-in schema is what the catalogue generates', async () => {
  expect(await readFile('policies/schema.cedarschema', 'utf8')).toBe(generateCedarSchema(catalogue));
});

describe.each(['allow', 'deny', 'ask'] as const)('policy says %s', (verdict) => {
  const these = cases.filter(({ expected }) => expected === verdict);

  test.each(these.map((item) => [item.file.replace(/^cases\/|\.json$/g, ''), item] as const))(
    '%s',
    (_sentence, item) => {
      const decided = compiled.decide(item.request);
      expect(decided.kind).toBe(verdict);
      expect(new Set(decided.reasons.map(({ rule }) => rule))).toEqual(new Set(item.rules));
    },
  );
});

test('the policies of this repository pass their own check', async () => {
  const report = await checkPolicies('policies', catalogue);
  expect(report.findings).toEqual([]);
  expect(report.cases.passed).toBe(report.cases.total);
});

test('deleting any policy changes the verdict of some case', async () => {
  const { coverage } = await checkPolicies('policies', catalogue);
  expect(coverage).toHaveLength(policies.length);
  expect(coverage.filter((policy) => policy.coverage !== 'decisive')).toEqual([]);
});
