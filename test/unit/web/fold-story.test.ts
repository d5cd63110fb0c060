import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TimelineItem } from '../../../src/contracts/http/timeline.schema.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { foldStory } from '../../../src/web/fold-story.ts';
import { runStory } from '../../../src/web/run-story.ts';

const base = { position: 1, at: '2026-07-10T09:20:00Z', runId: 'r' } as const;
const fate = fc.constantFrom('done', 'failed', 'refused', 'open');
const action = fc.record({ turn: fc.integer({ min: 1, max: 3 }), tool: fc.constantFrom('a.read_mail', 'a.pay'), fate });

function itemsOf(actions: readonly { turn: number; tool: string; fate: string }[]): TimelineItem[] {
  return actions.flatMap(({ turn, tool, fate: end }, index): TimelineItem[] => {
    const args: JsonObject = tool === 'a.pay' ? { amount: '1.00', currency: 'EUR' } : { id: String(index) };
    const of = { ...base, callId: `t${turn}.${index}`, tool, args };
    const decided = {
      ...of,
      event: 'action-decided',
      point: 'proposal',
      kind: 'tool-call',
      actionDigest: '',
      policyDigest: '',
    } as const;
    if (end === 'refused') return [{ ...decided, reasons: [], decision: 'deny' }];
    const landed = { ...of, event: 'effect-landed', outcome: end === 'done' ? 'ok' : 'tool-failed' } as const;
    const allowed: TimelineItem = { ...decided, reasons: [], decision: 'allow' };
    return end === 'open' ? [allowed] : [allowed, landed];
  });
}

test('folding loses no action and hides none that moved money, was refused, failed or is open', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const folded = foldStory(runStory(itemsOf(actions)));
      const calls = folded
        .flatMap((entry) => (entry.kind === 'several' ? entry.actions : entry.kind === 'action' ? [entry] : []))
        .map(({ callId }) => callId);
      expect(calls.toSorted()).toEqual(actions.map(({ turn }, index) => `t${turn}.${index}`).toSorted());
      for (const entry of folded) {
        if (entry.kind !== 'several') continue;
        expect(entry.actions.length).toBeGreaterThanOrEqual(3);
        for (const { callId, tool } of entry.actions)
          expect([tool, actions[Number(callId.split('.')[1])]?.fate]).toEqual(['a.read_mail', 'done']);
      }
    }),
  );
});
