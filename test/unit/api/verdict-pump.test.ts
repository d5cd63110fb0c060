import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createVerdictPump } from '../../../src/api/verdicts/verdict-pump.ts';
import type { UnconsumedVerdict } from '../../../src/ports/approval-store.port.ts';
import { quietApiLog } from './quiet-api-log.ts';

const verdict: UnconsumedVerdict = { tenant: 'default', runId: 'r1', approvalId: 'apr_1', verdictId: 'vrd_1' };
const everyMs = 1_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(outcomes: readonly ('sent' | 'gone' | 'unreachable')[]) {
  const state = { open: [verdict], signals: [] as string[], marked: [] as string[], mended: [] as string[] };
  const pump = createVerdictPump({
    approvals: {
      unconsumed: async () => state.open,
      markSignalled: async (verdictId) => void state.marked.push(verdictId),
    },
    engine: {
      async signalVerdict(_tenant, _runId, { verdictId }) {
        const outcome = outcomes[Math.min(state.signals.length, outcomes.length - 1)] ?? 'sent';
        state.signals.push(verdictId);
        if (outcome === 'unreachable') throw new Error('unreachable');
        return outcome;
      },
    },
    mendRun: async (_tenant, runId) => void state.mended.push(runId),
    clock: { now: () => Date.now() },
    log: quietApiLog(),
    everyMs,
  });
  return { pump, state };
}

test('a verdict that was stored before a crash is signalled at the next start', async () => {
  const { pump, state } = setUp(['sent']);
  pump.begin();
  await vi.advanceTimersByTimeAsync(0);
  expect(state.signals).toEqual(['vrd_1']);
  expect(state.marked).toEqual(['vrd_1']);
  await pump.stop();
});

test('a verdict is signalled again until its approval is closed, more and more rarely', async () => {
  const { pump, state } = setUp(['sent']);
  pump.begin();
  await vi.advanceTimersByTimeAsync(60 * everyMs);
  const sent = state.signals.length;
  expect(sent).toBeGreaterThanOrEqual(4);
  expect(sent).toBeLessThanOrEqual(8);
  state.open = [];
  await vi.advanceTimersByTimeAsync(3_600 * everyMs);
  expect(state.signals).toHaveLength(sent);
  await pump.stop();
});

test('an engine that does not answer is asked again', async () => {
  const { pump, state } = setUp(['unreachable', 'unreachable', 'sent']);
  pump.begin();
  await vi.advanceTimersByTimeAsync(10 * everyMs);
  expect(state.signals.length).toBeGreaterThanOrEqual(3);
  expect(state.marked).toContain('vrd_1');
  await pump.stop();
});

test('a run whose workflow is gone is mended instead of being signalled on and on', async () => {
  const { pump, state } = setUp(['gone']);
  pump.begin();
  await vi.advanceTimersByTimeAsync(0);
  expect(state.mended).toEqual(['r1']);
  expect(state.marked).toEqual([]);
  await pump.stop();
});

test('nothing is sent after stop', async () => {
  const { pump, state } = setUp(['sent']);
  pump.begin();
  await vi.advanceTimersByTimeAsync(0);
  await pump.stop();
  const sent = state.signals.length;
  await vi.advanceTimersByTimeAsync(3_600 * everyMs);
  expect(state.signals).toHaveLength(sent);
  expect(vi.getTimerCount()).toBe(0);
});

test('a verdict that was just stored is signalled at once, without waiting for a round', async () => {
  const { pump, state } = setUp(['sent']);
  pump.deliver(verdict);
  await vi.advanceTimersByTimeAsync(0);
  expect(state.signals).toEqual(['vrd_1']);
});
