import { setHandler } from '@temporalio/workflow';
import type { RefusedSignal } from '../src/contracts/run-activities.ts';
import { isUndecodable } from '../src/domain/undecodable.ts';
import { verdictSignal } from './messages.ts';

const approvalForm = /^apr_[0-9a-f]{32}$/;
const verdictForm = /^vrd_[0-9a-f]{32}$/;

/** Kept claims per approval, and remembered verdicts per run: a flood beyond them is counted, not kept. */
const keptClaims = 16;
const rememberedVerdicts = 500;
/** Signals after which a run continues as new, long before the server's limit of 10,000 closes its inbox. */
const signalsPerExecution = 1_000;

/** Signals are claims by anybody who can write to the namespace. They wake the run up, and carry no authority. */
export interface VerdictInbox {
  hasClaims(approvalId: string): boolean;
  takeClaims(approvalId: string): readonly string[];
  /** While a question is being opened, a claim for an approval that nobody expects yet may be an early one. */
  whileOpening<T>(open: () => Promise<T>): Promise<T>;
  /** From now on signals for this approval are expected. */
  expect(approvalId: string): void;
  /** The records know something already: as if a signal had come that names no verdict. */
  lookAgain(approvalId: string): void;
  forget(approvalId: string): void;
  hasRefused(): boolean;
  /** Refused signals since the last call, by reason. */
  takeRefused(): readonly RefusedSignal[];
  isFlooded(): boolean;
  seenVerdicts(): readonly string[];
}

/** Registers the handler; call it before the first `await`, or an early signal finds nobody. */
export function openVerdictInbox(seenBefore: readonly string[]): VerdictInbox {
  const inbox = createVerdictInbox(seenBefore);
  setHandler(verdictSignal, inbox.receive);
  return inbox;
}

/** Every signal is either kept until it is taken, or counted as refused, once. */
export function createVerdictInbox(
  seenBefore: readonly string[],
): VerdictInbox & { readonly receive: (payload: unknown) => void } {
  const claims = new Map<string, string[]>();
  const expected = new Set<string>();
  const seen = new Set(seenBefore);
  const refused = new Map<string, number>();
  let received = 0;
  let opening = 0;

  const refuse = (reason: string) => refused.set(reason, (refused.get(reason) ?? 0) + 1);

  const receive = (payload: unknown): void => {
    received += 1;
    const claim = parseClaim(payload);
    if (typeof claim === 'string') return void refuse(claim);
    if (seen.has(claim.verdictId)) return void refuse('replayed');
    const kept = claims.get(claim.approvalId) ?? [];
    if (kept.length >= keptClaims || claims.size >= rememberedVerdicts) return void refuse('overflow');
    claims.set(claim.approvalId, [...kept, claim.verdictId]);
  };

  const strays = () => (opening > 0 ? [] : [...claims].filter(([approvalId]) => !expected.has(approvalId)));

  const refuseStrays = () => {
    for (const [approvalId, verdicts] of strays()) {
      claims.delete(approvalId);
      for (const _ of verdicts) refuse('unknown-approval');
    }
  };

  return {
    receive,
    hasClaims: (approvalId) => claims.has(approvalId),
    takeClaims: (approvalId) => {
      const taken = claims.get(approvalId) ?? [];
      claims.delete(approvalId);
      for (const verdictId of taken) if (seen.size < rememberedVerdicts) seen.add(verdictId);
      return taken;
    },
    whileOpening: async (open) => {
      opening += 1;
      try {
        return await open();
      } finally {
        opening -= 1;
      }
    },
    expect: (approvalId) => void expected.add(approvalId),
    lookAgain: (approvalId) => void claims.set(approvalId, claims.get(approvalId) ?? []),
    forget: (approvalId) => void expected.delete(approvalId),
    hasRefused: () => refused.size > 0 || strays().length > 0,
    takeRefused: () => {
      refuseStrays();
      const taken = [...refused].map(([reason, count]) => ({ reason, count }));
      refused.clear();
      return taken;
    },
    isFlooded: () => received >= signalsPerExecution,
    seenVerdicts: () => [...seen],
  };
}

type Claim = { readonly approvalId: string; readonly verdictId: string };

function parseClaim(payload: unknown): Claim | 'undecodable' | 'malformed' {
  if (isUndecodable(payload)) return 'undecodable';
  if (typeof payload !== 'object' || payload === null) return 'malformed';
  const { approvalId, verdictId } = payload as Record<string, unknown>;
  if (typeof approvalId !== 'string' || !approvalForm.test(approvalId)) return 'malformed';
  if (typeof verdictId !== 'string' || !verdictForm.test(verdictId)) return 'malformed';
  return { approvalId, verdictId };
}
