import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileMandate, offeredName } from '../../../activities/compile-mandate.ts';
import type { AgentManifest } from '../../../src/contracts/agent.schema.ts';
import { type DeclaredMandate, declaredMandateSchema } from '../../../src/contracts/declared-mandate.schema.ts';
import { maxCallsOf } from '../../../src/domain/mandate.ts';

const tools = ['desk.read', 'desk.pay', 'mail.send'];
const deadline = '2026-03-01T18:00:00.000Z';

const manifestOf = (limits: { readonly steps: number; readonly toolCalls: number }): AgentManifest => ({
  apiVersion: 'countersign/v1',
  kind: 'Agent',
  name: 'tester',
  version: 1,
  owner: 'team',
  prompt: 'prompt.md',
  model: { alias: 'default' },
  tools,
  limits: { tokens: 1_000, costUsd: 0.5, wallTime: '1h', ...limits },
  data: { clearance: 'internal', regions: ['eu'] },
});

const limitsOf = fc.record({ steps: fc.integer({ min: 1, max: 50 }), toolCalls: fc.integer({ min: 1, max: 50 }) });
const named = fc.oneof(
  fc.constantFrom(...tools, ...tools.map(offeredName), 'desk__launch', 'desk', '__proto__'),
  fc.string({ maxLength: 12 }),
);
const count = fc.integer({ min: 1, max: 1_000_000 });
/** Whatever the schema lets a model declare. */
const declarationOf: fc.Arbitrary<DeclaredMandate> = fc
  .record(
    {
      tools: fc.array(fc.record({ name: named, maxCalls: count }), { maxLength: 8 }),
      budget: fc.record({ steps: count, toolCalls: count }, { requiredKeys: [] }),
      expiresAt: fc
        .date({ min: new Date('1970-01-01'), max: new Date('2999-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      rationale: fc.string({ maxLength: 40 }),
    },
    { requiredKeys: ['tools'] },
  )
  .map((declared) => declaredMandateSchema.parse(declared));

describe('a compiled mandate', () => {
  test('never exceeds the ceiling of its agent, whatever was declared', () => {
    fc.assert(
      fc.property(declarationOf, limitsOf, (declared, limits) => {
        const manifest = manifestOf(limits);
        const isEmpty =
          declared.tools.length > 0 &&
          !declared.tools.some(({ name }) => tools.some((tool) => name === tool || name === offeredName(tool)));
        if (isEmpty) {
          expect(() => compileMandate(declared, manifest, deadline)).toThrow(
            expect.objectContaining({ code: 'mandate-invalid' }),
          );
          return;
        }
        const mandate = compileMandate(declared, manifest, deadline);
        for (const { name, maxCalls } of mandate.tools) {
          expect(tools).toContain(name);
          expect(maxCalls).toBeGreaterThanOrEqual(1);
          expect(maxCalls).toBeLessThanOrEqual(limits.toolCalls);
        }
        expect(mandate.budget.steps).toBeLessThanOrEqual(limits.steps);
        expect(mandate.budget.toolCalls).toBeLessThanOrEqual(limits.toolCalls);
        expect(mandate.budget).toMatchObject({ tokens: 1_000, costMicroUsd: 500_000 });
        expect(Date.parse(mandate.expiresAt)).toBeLessThanOrEqual(Date.parse(deadline));
      }),
      { numRuns: 500 },
    );
  });

  test('never exceeds what was declared', () => {
    fc.assert(
      fc.property(declarationOf, limitsOf, (declared, limits) => {
        fc.pre(declared.tools.some(({ name }) => tools.includes(name)));
        const mandate = compileMandate(declared, manifestOf(limits), deadline);
        for (const { name, maxCalls } of mandate.tools) {
          const asked = declared.tools.filter((tool) => tool.name === name || tool.name === offeredName(name));
          expect(maxCalls).toBeLessThanOrEqual(Math.max(...asked.map((tool) => tool.maxCalls)));
        }
        expect(mandate.budget.steps).toBeLessThanOrEqual(declared.budget?.steps ?? Number.POSITIVE_INFINITY);
        expect(mandate.budget.toolCalls).toBeLessThanOrEqual(declared.budget?.toolCalls ?? Number.POSITIVE_INFINITY);
      }),
    );
  });

  test('ends when it was declared to, or with its run, and says so in one form', () => {
    for (const [declaredEnd, end] of [
      ['2026-03-01T17:00:00Z', '2026-03-01T17:00:00.000Z'],
      ['2026-03-01T18:00:00Z', deadline],
      ['2026-03-01T18:00:00.0000001Z', deadline],
      ['2027-01-01T00:00:00Z', deadline],
    ] as const) {
      const declared = declaredMandateSchema.parse({ tools: [], expiresAt: declaredEnd });
      const mandate = compileMandate(declared, manifestOf({ steps: 1, toolCalls: 1 }), deadline);
      expect({ declaredEnd, end: mandate.expiresAt }).toEqual({ declaredEnd, end });
    }
  });

  test('that names nothing allows nothing', () => {
    const mandate = compileMandate({ tools: [] }, manifestOf({ steps: 1, toolCalls: 1 }), deadline);
    for (const tool of [...tools, '__proto__', 'constructor']) expect(maxCallsOf(mandate, tool)).toBe(0);
  });
});
