import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkPolicies } from '../../src/adapters/policy-cedar/check-policies.ts';
import { deskCatalogue } from './desk-catalogue.ts';
import { payment, type Rule, ruleText, smallPolicy, verdictOf } from './small-bundle.ts';
import { temporaryFolder } from './temporary-folder.ts';

const asking = (id: string, ask: object): Rule => ({
  id,
  effect: 'forbid',
  ask: { quorum: 1, roles: ['approver'], ttl: '4h', ...ask },
  unless: 'context.approval.granted',
});

async function requirementOf(...rules: readonly Rule[]) {
  const verdict = await verdictOf(smallPolicy([{ id: 'permitted' }, ...rules]), payment());
  return verdict.kind === 'ask' ? verdict.requirement : undefined;
}

describe('an ask', () => {
  test('names who is asked later, and when people are reminded', async () => {
    const ladder = {
      widen: [
        { after: '2h', roles: ['lead'] },
        { after: '3h', roles: ['board', 'lead'] },
      ],
      remind: '90m',
    };
    expect(await requirementOf(asking('asks', ladder))).toEqual({
      quorum: 1,
      roles: ['approver'],
      ttlSeconds: 14_400,
      stepUp: false,
      widen: [
        { afterSeconds: 7_200, roles: ['lead'] },
        { afterSeconds: 10_800, roles: ['board'] },
      ],
      remindSeconds: 5_400,
    });
  });

  test('without a ladder says nothing of one, also where it is empty', async () => {
    const plain = { quorum: 1, roles: ['approver'], ttlSeconds: 14_400, stepUp: false };
    expect(await requirementOf(asking('asks', {}))).toEqual(plain);
    expect(await requirementOf(asking('asks', { widen: [] }))).toEqual(plain);
  });

  test('of several rules keeps the rungs of each at their own times, and drops what the shortest time leaves no room for', async () => {
    const one = asking('one', {
      widen: [
        { after: '1h', roles: ['lead'] },
        { after: '3h', roles: ['board'] },
      ],
      remind: '3h',
    });
    const two = asking('two', { ttl: '150m', widen: [{ after: '2h', roles: ['treasury', 'lead'] }], remind: '2h' });
    expect(await requirementOf(one, two)).toMatchObject({
      ttlSeconds: 9_000,
      widen: [
        { afterSeconds: 3_600, roles: ['lead'] },
        { afterSeconds: 7_200, roles: ['treasury'] },
      ],
      remindSeconds: 7_200,
    });
  });
});

const catalogue = await deskCatalogue();
const lead = { after: '2h', roles: ['lead'] };

test.each<[string, object, string]>([
  ['a rung at the end', { widen: [{ after: '4h', roles: ['lead'] }] }, '@ask#/widen/0/after must be less than `ttl`'],
  ['rungs that do not grow', { widen: [lead, { after: '2h', roles: ['board'] }] }, '@ask#/widen/1/after must be more'],
  [
    'a rung without a time',
    { widen: [{ after: '500ms', roles: ['lead'] }] },
    '@ask#/widen/0/after must be at least 1s',
  ],
  [
    'a rung that asks nobody new',
    { widen: [{ after: '2h', roles: ['approver'] }] },
    '@ask#/widen/0/roles must name a role',
  ],
  ['a rung without roles', { widen: [{ after: '2h', roles: [] }] }, '@ask#/widen/0/roles'],
  [
    'a fifth rung',
    { widen: ['1h', '2h', '3h', '200m', '210m'].map((after, at) => ({ after, roles: [`r${at}`] })) },
    '@ask#/widen',
  ],
  ['an unknown field', { widen: [{ ...lead, quorum: 2 }] }, '@ask#/widen/0 must not have `quorum`'],
  ['a reminder at the end', { remind: '4h' }, '@ask#/remind must be less than `ttl`'],
])('the check says what is wrong with %s, and nothing loads', async (_what, ladder, told) => {
  const folder = await temporaryFolder('policies');
  const rule = { ...asking('rule-under-test', ladder), scope: 'principal, action == Action::"answer", resource' };
  await writeFile(join(folder, 'extra.cedar'), ruleText(rule));
  const { findings } = await checkPolicies(folder, catalogue);
  const found = findings.filter(({ rule: kind }) => kind === 'bad-ask');
  expect(found.map(({ file }) => file)).toEqual(['extra.cedar']);
  expect(found[0]?.message).toContain(told);
  expect(() => smallPolicy([{ id: 'permitted' }, asking('asks', ladder)])).toThrow();
});
