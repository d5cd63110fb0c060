import { setHandler } from '@temporalio/workflow';
import type { RefusedSignal } from '../src/contracts/run-activities.ts';
import { isUndecodable } from '../src/domain/undecodable.ts';
import { steerSignal } from './messages.ts';

const steerForm = /^str_[0-9a-f]{32}$/;

/** Kept claims, and remembered messages: a flood beyond them is counted, not kept. */
const keptClaims = 16;
const rememberedMessages = 200;
/** Signals after which a waiting run continues as new. */
const signalsPerExecution = 1_000;

/** What continue-as-new takes along. */
export interface CarriedSteering {
  readonly claims: readonly string[];
  readonly seen: readonly string[];
}

/**
 * Signals say that the principal has spoken, and carry neither his words nor his authority: the inference worker looks
 * into the records before each model call, whatever was claimed.
 */
export interface SteeringInbox {
  /** Ids that no turn has looked for yet. */
  claims(): readonly string[];
  /** A turn has looked for these. */
  settle(claims: readonly string[]): void;
  hasRefused(): boolean;
  takeRefused(): readonly RefusedSignal[];
  isFlooded(): boolean;
  carried(): CarriedSteering;
}

/** Registers the handler; call it before the first `await`, or an early signal finds nobody. */
export function openSteeringInbox(before?: CarriedSteering): SteeringInbox {
  const inbox = createSteeringInbox(before);
  setHandler(steerSignal, inbox.receive);
  return inbox;
}

/** Every signal is kept until a turn has looked for it, known to be waiting already, or counted as refused. */
export function createSteeringInbox(
  before: CarriedSteering = { claims: [], seen: [] },
): SteeringInbox & { readonly receive: (payload: unknown) => void } {
  const waiting = new Set(before.claims);
  const seen = new Set(before.seen);
  const refused = new Map<string, number>();
  let received = 0;

  const refuse = (reason: string) => refused.set(reason, (refused.get(reason) ?? 0) + 1);

  return {
    receive: (payload) => {
      received += 1;
      const claim = parseClaim(payload);
      if (claim.kind === 'refused') return void refuse(claim.reason);
      if (seen.has(claim.steerId)) return void refuse('steer-replayed');
      // sent again because nobody has taken it up yet
      if (waiting.has(claim.steerId)) return;
      if (waiting.size >= keptClaims) return void refuse('steer-overflow');
      waiting.add(claim.steerId);
    },
    claims: () => [...waiting],
    settle: (claims) => {
      for (const steerId of claims) {
        waiting.delete(steerId);
        if (seen.size < rememberedMessages) seen.add(steerId);
      }
    },
    hasRefused: () => refused.size > 0,
    takeRefused: () => {
      const taken = [...refused].map(([reason, count]) => ({ reason, count }));
      refused.clear();
      return taken;
    },
    isFlooded: () => received >= signalsPerExecution,
    carried: () => ({ claims: [...waiting], seen: [...seen] }),
  };
}

type Claim =
  | { readonly kind: 'claim'; readonly steerId: string }
  | { readonly kind: 'refused'; readonly reason: 'steer-undecodable' | 'steer-malformed' };

function parseClaim(payload: unknown): Claim {
  if (isUndecodable(payload)) return { kind: 'refused', reason: 'steer-undecodable' };
  if (typeof payload !== 'object' || payload === null) return { kind: 'refused', reason: 'steer-malformed' };
  const { steerId } = payload as Record<string, unknown>;
  if (typeof steerId !== 'string' || !steerForm.test(steerId)) return { kind: 'refused', reason: 'steer-malformed' };
  return { kind: 'claim', steerId };
}
