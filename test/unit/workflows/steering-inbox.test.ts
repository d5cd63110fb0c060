import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSteeringInbox } from '../../../workflows/steering-inbox.ts';

const id = (number: number) => `str_${number.toString(16).padStart(32, '0')}`;

describe('the inbox for steering', () => {
  test('keeps a claim until a turn has looked for it', () => {
    const inbox = createSteeringInbox();
    inbox.receive({ steerId: id(1) });
    expect(inbox.claims()).toEqual([id(1)]);
    inbox.settle([id(1)]);
    expect(inbox.claims()).toEqual([]);
  });

  test('takes a signal that is sent again meanwhile for the same one, and afterwards for a replay', () => {
    const inbox = createSteeringInbox();
    inbox.receive({ steerId: id(1) });
    inbox.receive({ steerId: id(1) });
    expect(inbox.hasRefused()).toBe(false);
    inbox.settle(inbox.claims());
    inbox.receive({ steerId: id(1) });
    expect(inbox.takeRefused()).toEqual([{ reason: 'steer-replayed', count: 1 }]);
    expect(inbox.claims()).toEqual([]);
  });

  test('counts what is not its own instead of keeping it', () => {
    const inbox = createSteeringInbox();
    for (const payload of [undefined, null, 'text', 7, {}, { steerId: 'str_1' }, { steerId: `${id(1)}\n` }, [id(1)]])
      inbox.receive(payload);
    expect(inbox.claims()).toEqual([]);
    expect(inbox.takeRefused()).toEqual([{ reason: 'steer-malformed', count: 8 }]);
  });

  test('knows after continue-as-new what it knew before', () => {
    const inbox = createSteeringInbox();
    inbox.receive({ steerId: id(1) });
    inbox.settle([id(1)]);
    inbox.receive({ steerId: id(2) });
    const next = createSteeringInbox(inbox.carried());
    expect(next.claims()).toEqual([id(2)]);
    next.receive({ steerId: id(1) });
    expect(next.takeRefused()).toEqual([{ reason: 'steer-replayed', count: 1 }]);
  });

  test('keeps a bounded number of claims, and accounts for every signal, whatever is sent', () => {
    const payload = fc.oneof(
      fc.integer({ min: 1, max: 40 }).map((number) => ({ steerId: id(number) })),
      fc.anything(),
    );
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 200 }), (payloads) => {
        const inbox = createSteeringInbox();
        for (const one of payloads) inbox.receive(one);
        const kept = inbox.claims();
        expect(kept.length).toBeLessThanOrEqual(16);
        const named = payloads.flatMap((one) =>
          typeof one === 'object' && one !== null && 'steerId' in one ? [String(one.steerId)] : [],
        );
        const again = named.filter((one) => kept.includes(one)).length - kept.length;
        const refused = inbox.takeRefused().reduce((sum, { count }) => sum + count, 0);
        expect(kept.length + again + refused).toBe(payloads.length);
      }),
    );
  });
});
