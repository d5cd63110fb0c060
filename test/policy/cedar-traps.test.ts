import { isAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { describe, expect, test } from 'vitest';
import { createCedarPolicy } from '../../src/adapters/policy-cedar/create-cedar-policy.ts';
import { maxRequestCharacters, maxRequestDepth } from '../../src/adapters/policy-cedar/refuse-oversized.ts';
import { CountersignError } from '../../src/domain/countersign-error.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import { goodArgs, payment, ruleNames, ruleText, smallPolicy, smallSchema, verdictOf } from './small-bundle.ts';

const everything = { id: 'everything' };

async function refused(args: JsonValue): Promise<readonly string[]> {
  const verdict = await verdictOf(smallPolicy([everything]), payment(args));
  expect(verdict.kind).toBe('deny');
  expect(ruleNames(verdict)).toEqual(['policy-error']);
  return verdict.kind === 'deny' ? verdict.errors : [];
}

function codeOf(build: () => unknown): string | undefined {
  try {
    build();
    return undefined;
  } catch (error) {
    return error instanceof CountersignError ? error.code : 'not ours';
  }
}

describe('a forbid that fails', () => {
  const overflow = { id: 'overflows', effect: 'forbid', when: 'context.args.count * 9223372036854775807 > 0' } as const;

  test('would be an allow in Cedar itself', () => {
    const answer = isAuthorized({
      principal: { type: 'Agent', id: 'desk' },
      action: { type: 'Action', id: 'desk__pay' },
      resource: { type: 'Tool', id: 'desk.pay' },
      context: { args: { count: 2 } },
      policies: { staticPolicies: { everything: ruleText(everything), overflows: ruleText(overflow) } },
      entities: [],
    });
    expect(answer.type === 'success' && answer.response.decision).toBe('allow');
  });

  test('is a deny with an error that names the rule', async () => {
    const verdict = await verdictOf(smallPolicy([everything, overflow]), payment());
    expect(verdict).toMatchObject({ kind: 'deny', errors: ['rule overflows failed'] });
    expect(ruleNames(verdict)).toEqual(['policy-error']);
  });

  test('is a deny also beside a forbid that asks', async () => {
    const asks = {
      id: 'asks',
      effect: 'forbid',
      ask: { quorum: 1, roles: ['approver'], ttl: '1h' },
      unless: 'context.approval.granted',
    } as const;
    expect(ruleNames(await verdictOf(smallPolicy([everything, overflow, asks]), payment()))).toEqual(['policy-error']);
  });
});

describe('a request that is not complete', () => {
  test.each([
    ['an argument is missing', { count: 2 }],
    ['an argument is null', { ...goodArgs, amount: null }],
    ['an argument has another type', { ...goodArgs, count: '2' }],
    ['arguments are not an object', []],
    ['an attribute is not in the schema', { ...goodArgs, extra: 1 }],
  ])('is denied when %s', async (_what, args) => {
    expect(await refused(args)).toHaveLength(1);
  });

  test('is denied when a context attribute, the principal’s or the resource’s is missing', async () => {
    const policy = smallPolicy([everything]);
    const { approval: _left, ...context } = payment().context;
    expect((await verdictOf(policy, { ...payment(), context })).kind).toBe('deny');
    expect(
      (await verdictOf(policy, { ...payment(), principal: { type: 'Agent', id: 'desk', attributes: {} } })).kind,
    ).toBe('deny');
    expect((await verdictOf(policy, { ...payment(), resource: { type: 'Tool', id: 'x', attributes: {} } })).kind).toBe(
      'deny',
    );
  });

  test('is denied for an unknown action, and for a principal or resource that the action does not take', async () => {
    const policy = smallPolicy([everything]);
    const service = { ...payment().principal, type: 'Service' as const };
    expect((await verdictOf(policy, { ...payment(), action: 'desk__other' })).kind).toBe('deny');
    expect((await verdictOf(policy, { ...payment(), action: 'constructor' })).kind).toBe('deny');
    expect((await verdictOf(policy, { ...payment(), principal: service })).kind).toBe('deny');
    expect((await verdictOf(policy, { ...payment(), resource: { ...payment().resource, type: 'Model' } })).kind).toBe(
      'deny',
    );
  });

  test('drops a null where the argument is optional', async () => {
    const noted = { id: 'noted', effect: 'forbid', when: 'context.args has note' } as const;
    const policy = smallPolicy([everything, noted]);
    expect((await verdictOf(policy, payment({ ...goodArgs, note: null }))).kind).toBe('allow');
    expect((await verdictOf(policy, payment({ ...goodArgs, note: '' }))).kind).toBe('deny');
  });
});

describe('numbers', () => {
  test.each([0.1, 5000, 5000.01, -3.1416, 999_999_999_999.99])('%d reaches policy exactly', async (amount) => {
    const text = Number.isInteger(amount) ? `${amount}.0` : String(amount);
    const policy = smallPolicy([{ id: 'exactly', when: `context.args.amount == decimal("${text}")` }]);
    expect((await verdictOf(policy, payment({ ...goodArgs, amount }))).kind).toBe('allow');
  });

  test.each([0.00001, 1e21, 1e-7, 2 ** 53 + 2, Number.NaN, Number.POSITIVE_INFINITY])(
    '%d is refused as a decimal',
    async (amount) => {
      expect(await refused({ ...goodArgs, amount })).toHaveLength(1);
    },
  );

  test.each([1.5, 2 ** 53, Number.NaN])('%d is refused as a Long', async (count) => {
    expect(await refused({ ...goodArgs, count })).toHaveLength(1);
  });
});

describe('what looks like an entity or an extension', () => {
  const disguised: JsonValue = { __entity: { type: 'Agent', id: 'admin' } };

  test.each(['note', 'tags', 'nested', 'amount'])('is refused as %s', async (name) => {
    expect(await refused({ ...goodArgs, [name]: disguised })).toHaveLength(1);
    expect(await refused({ ...goodArgs, [name]: { __extn: { fn: 'ip', arg: '10.0.0.1' } } })).toHaveLength(1);
  });

  test('is plain text where the tool leaves the shape open', async () => {
    const policy = smallPolicy([
      { id: 'text', when: 'context.args has free && context.args.free like "{*__entity*}"' },
    ]);
    expect((await verdictOf(policy, payment({ ...goodArgs, free: disguised }))).kind).toBe('allow');
  });
});

describe('size', () => {
  const nest = (depth: number): JsonValue => {
    let value: JsonValue = 1;
    for (let level = 0; level < depth; level += 1) value = [value];
    return value;
  };

  test('a request over the limits is denied before Cedar sees it', async () => {
    expect(await refused({ ...goodArgs, note: 'x'.repeat(maxRequestCharacters) })).toHaveLength(1);
    expect(await refused({ ...goodArgs, tags: Array.from({ length: 10_000 }, () => '') })).toHaveLength(1);
    expect(await refused({ ...goodArgs, free: nest(maxRequestDepth) })).toHaveLength(1);
    expect(await refused({ ...goodArgs, free: nest(20_000) })).toHaveLength(1);
  });

  test('half a megabyte is refused in a few milliseconds', async () => {
    const policy = smallPolicy([everything]);
    await policy.evaluate(payment());
    const { durationMs } = await policy.evaluate(payment({ ...goodArgs, note: 'x'.repeat(500_000) }));
    expect(durationMs).toBeLessThan(100);
  });

  test('a lone surrogate is refused and not replaced', async () => {
    expect(await refused({ ...goodArgs, note: '\ud800' })).toHaveLength(1);
    expect(
      (
        await verdictOf(smallPolicy([everything]), {
          ...payment(),
          principal: { ...payment().principal, id: '\udc00' },
        })
      ).kind,
    ).toBe('deny');
  });
});

test('errors name places and never quote what was sent', async () => {
  const errors = [
    ...(await refused({ ...goodArgs, count: 'DE02 1203' })),
    ...(await refused({ ...goodArgs, 'DE02 1203': 1 })),
  ];
  expect(errors.join()).not.toContain('DE02');
});

describe('a policy set', () => {
  test('decides under the ids that its annotations give', async () => {
    const allowed = await verdictOf(smallPolicy([everything, { id: 'also-this' }]), payment());
    expect(ruleNames(allowed).toSorted()).toEqual(['also-this', 'everything']);
  });

  test.each([
    ['has a typing error', { id: 'typed', when: 'context.args.amount > 3' }],
    ['reads an attribute that does not exist', { id: 'typed', when: 'context.args.missing == 3' }],
    ['reads an optional attribute unguarded', { id: 'typed', when: 'context.args.note == "x"' }],
    ['has a condition that can never hold', { id: 'typed', when: 'resource is Agent' }],
    [
      'names an action that does not exist',
      { id: 'typed', scope: 'principal, action == Action::"desk__other", resource' },
    ],
  ])('is refused at load when it %s', (_what, rule) => {
    expect(codeOf(() => smallPolicy([rule]))).toBe('policy-invalid');
  });

  test('is refused at load when it does not parse, or its schema does not', () => {
    expect(codeOf(() => createCedarPolicy({ policies: { 'x.cedar': 'permit (principal' }, schema: smallSchema }))).toBe(
      'policy-invalid',
    );
    expect(codeOf(() => createCedarPolicy({ policies: { 'x.cedar': ruleText(everything) }, schema: 'entity {' }))).toBe(
      'policy-invalid',
    );
  });

  test('reaches an action through its group, and no other', async () => {
    const policy = smallPolicy([{ id: 'writes', scope: 'principal, action in Action::"WriteTools", resource' }]);
    expect((await verdictOf(policy, payment())).kind).toBe('allow');
    expect(ruleNames(await verdictOf(policy, { ...payment(), action: 'desk__read', context: { args: {} } }))).toEqual([
      'default-deny',
    ]);
  });

  test('sees the groups of a principal as its parents', async () => {
    const policy = smallPolicy([{ id: 'in-group', scope: 'principal in Group::"ap-team", action, resource' }]);
    const user = (groups: JsonValue) => ({
      ...payment(),
      principal: { type: 'User' as const, id: 'ines', attributes: { tenant: 'default', groups } },
    });
    expect((await verdictOf(policy, user(['ap-team']))).kind).toBe('allow');
    expect((await verdictOf(policy, user([]))).kind).toBe('deny');
    expect(ruleNames(await verdictOf(policy, user('ap-team')))).toEqual(['policy-error']);
  });

  test('has a digest that changes with any file and with the schema', () => {
    const digests = [
      smallPolicy([everything]),
      smallPolicy([everything, { id: 'also-this' }]),
      createCedarPolicy({ policies: { 'other.cedar': ruleText(everything) }, schema: smallSchema }),
      createCedarPolicy({ policies: { 'small.cedar': ruleText(everything) }, schema: `${smallSchema}\nentity Extra;` }),
    ].map(({ policyDigest }) => policyDigest);
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('a retired bundle', () => {
  test('denies everything', async () => {
    const policy = smallPolicy([everything]);
    policy.retire();
    expect(await verdictOf(policy, payment())).toMatchObject({ kind: 'deny', errors: ['the bundle was retired'] });
  });

  test('leaves a living bundle of the same content alone, however often it is retired', async () => {
    const living = smallPolicy([everything]);
    const retired = smallPolicy([everything]);
    retired.retire();
    retired.retire();
    expect((await verdictOf(living, payment())).kind).toBe('allow');
  });
});
