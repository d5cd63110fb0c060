import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkPolicies } from '../../src/adapters/policy-cedar/check-policies.ts';
import { mendPolicies } from '../../src/adapters/policy-cedar/mend-policies.ts';
import type { FindingRule } from '../../src/adapters/policy-cedar/policy-finding.ts';
import { deskCatalogue } from './desk-catalogue.ts';
import { type Rule, ruleText } from './small-bundle.ts';
import { temporaryFolder } from './temporary-folder.ts';

const catalogue = await deskCatalogue();
const answering: Rule = { id: 'rule-under-test', scope: 'principal, action == Action::"answer", resource' };

async function findingsWith(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly file: string; readonly rule: FindingRule; readonly line?: number }[]> {
  const folder = await temporaryFolder('policies');
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return [...(await checkPolicies(folder, catalogue)).findings];
}

test.each<[FindingRule, string]>([
  ['parse', 'permit (principal, action'],
  ['missing-id', 'permit (principal, action == Action::"answer", resource);'],
  ['missing-id', '@id("Not Kebab") @advice("x") permit (principal, action == Action::"answer", resource);'],
  ['missing-advice', '@id("rule-under-test") permit (principal, action == Action::"answer", resource);'],
  ['duplicate-id', ruleText({ ...answering, id: 'runs-answer' })],
  ['bad-ask', ruleText({ ...answering, effect: 'forbid', ask: 'somebody', unless: 'context.approval.granted' })],
  [
    'bad-ask',
    ruleText({
      ...answering,
      effect: 'forbid',
      ask: { quorum: 0, roles: ['approver'], ttl: '4h' },
      unless: 'context.approval.granted',
    }),
  ],
  [
    'bad-ask',
    ruleText({
      ...answering,
      effect: 'forbid',
      ask: { quorum: 1, roles: [], ttl: '4h' },
      unless: 'context.approval.granted',
    }),
  ],
  [
    'bad-ask',
    ruleText({
      ...answering,
      effect: 'forbid',
      ask: { quorum: 1, roles: ['approver'], ttl: 'soon' },
      unless: 'context.approval.granted',
    }),
  ],
  [
    'bad-ask',
    ruleText({ ...answering, ask: { quorum: 1, roles: ['approver'], ttl: '4h' }, unless: 'context.approval.granted' }),
  ],
  ['ask-never-ends', ruleText({ ...answering, effect: 'forbid', ask: { quorum: 1, roles: ['approver'], ttl: '4h' } })],
  ['bad-obligation', ruleText({ ...answering, obligation: { type: 'notify' } })],
  ['bad-obligation', ruleText({ ...answering, effect: 'forbid', obligation: { kind: 'notify' } })],
  ['unknown-obligation', ruleText({ ...answering, obligation: { kind: 'notify' } })],
  [
    'template',
    '@id("rule-under-test") @advice("x") permit (principal == ?principal, action == Action::"answer", resource);',
  ],
  ['invalid', ruleText({ ...answering, when: 'context.args.amount == 1' })],
  ['invalid', ruleText({ ...answering, scope: 'principal, action == Action::"invoices__burn_money", resource' })],
  ['format', ruleText(answering).replaceAll('\n', '   ')],
  ['never-decisive', ruleText(answering)],
])('%s is found, with its file', async (rule, text) => {
  const found = await findingsWith({ 'extra.cedar': text });
  expect(found.filter((item) => item.file === 'extra.cedar').map((item) => item.rule)).toContain(rule);
});

test('a finding names the line of the file', async () => {
  const text = `// one\n\n${ruleText({ ...answering, when: 'context.args.amount == 1' })}\n`;
  const [found] = (await findingsWith({ 'extra.cedar': text })).filter(({ rule }) => rule === 'invalid');
  expect(found?.line).toBe(6);
});

describe('a case', () => {
  const path = 'cases/runs/deny/initiator_starts_after_all.json';

  test('with another verdict or other rules fails', async () => {
    const verdict = await findingsWith({ [path]: JSON.stringify({ base: 'start-run', rules: ['default-deny'] }) });
    expect(verdict).toMatchObject([{ file: path, rule: 'case-failed' }]);
    const rules = await findingsWith({
      'cases/runs/allow/x.json': JSON.stringify({ base: 'start-run', rules: ['other'] }),
    });
    expect(rules).toMatchObject([{ rule: 'case-failed' }]);
  });

  test.each([
    ['an unknown field', { base: 'start-run', rules: ['default-deny'], verdict: 'deny' }],
    ['no such base', { base: 'nothing', rules: ['default-deny'] }],
    ['facts that are not facts', { base: 'start-run', set: { tenant: 7 }, rules: ['default-deny'] }],
    ['no rules', { base: 'start-run', rules: [] }],
  ])('with %s is invalid', async (_what, description) => {
    expect(await findingsWith({ [path]: JSON.stringify(description) })).toMatchObject([
      { file: path, rule: 'case-invalid' },
    ]);
  });

  test('outside of the folders that are verdicts is invalid', async () => {
    expect(await findingsWith({ 'cases/runs/deny/notes.txt': '{}' })).toMatchObject([{ rule: 'case-invalid' }]);
  });
});

test('a folder without policies, or with a link to one elsewhere, is not usable', async () => {
  const empty = await temporaryFolder();
  expect((await checkPolicies(empty, catalogue)).findings).toMatchObject([{ rule: 'unreadable' }]);
  const linked = await temporaryFolder('policies');
  await rm(join(linked, 'runs.cedar'));
  await symlink(join(process.cwd(), 'policies/runs.cedar'), join(linked, 'runs.cedar'));
  const report = await checkPolicies(linked, catalogue);
  expect(report).toMatchObject({ ok: false, cases: { total: 0 } });
  expect(report.findings).toMatchObject([{ file: 'runs.cedar', rule: 'unreadable' }]);
});

test('mending formats the policies and writes the schema, and nothing is found afterwards', async () => {
  const folder = await temporaryFolder('policies');
  const runs = await readFile(join(folder, 'runs.cedar'), 'utf8');
  await writeFile(join(folder, 'runs.cedar'), runs.replaceAll('  ', '\t'));
  await writeFile(join(folder, 'schema.cedarschema'), 'entity Group;');
  expect((await checkPolicies(folder, catalogue)).findings.map(({ rule }) => rule)).toEqual(['format', 'schema-stale']);
  expect(await mendPolicies(folder, catalogue)).toEqual(['runs.cedar', 'schema.cedarschema']);
  expect((await checkPolicies(folder, catalogue)).ok).toBe(true);
});
