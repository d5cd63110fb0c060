import type { InferRequest, RunKey } from '../src/contracts/run-activities.ts';
import { isGenuineSteering } from '../src/digest/steering.ts';
import type { AuditRecord } from '../src/domain/audit-record.ts';
import { recordOf } from '../src/domain/record-bodies.ts';
import type { SteerMessage } from '../src/domain/steering.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import type { StoredSteerMessage } from '../src/ports/steering-store.port.ts';
import type { DecisionDeps } from './activity-deps.ts';
import type { AdmittedRun } from './admitted-run.ts';
import type { SaidMessage, Transcripts } from './transcripts.ts';

/** What the principal said that the transcript does not hold yet. */
export interface Heard {
  readonly said: readonly SaidMessage[];
  readonly steerIds: readonly string[];
  /** Position of the last message that was looked at; 0 where he never said anything. */
  readonly steeredTo: number;
}

const nothing: Heard = { said: [], steerIds: [], steeredTo: 0 };

/**
 * The principal's words after those in the transcript, in the order in which he was signed for them. What is new is
 * told by the transcript and not by a mark: after a reset the same place of the same transcript hears the same again.
 * A message that does not verify is passed over, and recorded.
 */
export async function hearPrincipal(
  deps: Pick<DecisionDeps, 'steering' | 'keys' | 'outbox' | 'clock'>,
  transcripts: Transcripts,
  { ticket }: AdmittedRun,
  { run, transcript }: InferRequest,
  newest: number,
): Promise<Heard> {
  if (newest === 0) return nothing;
  const before = await transcripts.steeredTo(run.tenant, transcript);
  if (before >= newest) return { ...nothing, steeredTo: before };
  const stored = await deps.steering.ofRun(run.tenant, run.runId, before);
  const genuine: SteerMessage[] = [];
  const forged: StoredSteerMessage[] = [];
  for (const one of stored) {
    if (await isHis(deps, run, ticket.initiator, one)) genuine.push(one.signed.message);
    else forged.push(one);
  }
  if (forged.length > 0) await deps.outbox.append(forged.map((one) => forgedRecord(run, one, isoTime(deps.clock))));
  return {
    said: genuine.map(({ textRef, at }) => ({ textRef, at })),
    steerIds: genuine.map(({ steerId }) => steerId),
    steeredTo: stored.at(-1)?.position ?? before,
  };
}

/** In the principal's own name, and by his authority: who else was let in would speak for him. */
async function isHis(
  deps: Pick<DecisionDeps, 'keys'>,
  run: RunKey,
  initiator: string,
  stored: StoredSteerMessage,
): Promise<boolean> {
  const { author, authority } = stored.signed.message;
  return author === initiator && authority === 'principal' && isGenuineSteering(deps, run, stored);
}

function forgedRecord(run: RunKey, { position }: StoredSteerMessage, at: string): AuditRecord {
  return recordOf('steering-refused', run, `stored/${position}`, at, { by: '', code: 'steering-forged' });
}

export function takenRecord(run: RunKey, turn: number, { steerIds }: Heard, at: string): readonly AuditRecord[] {
  return steerIds.length === 0 ? [] : [recordOf('steering-taken', run, `t${turn}`, at, { turn, steerIds })];
}

const steerForm = /^str_[0-9a-f]{32}$/;
const lookedUp = 16;

/** Signals are claims: one that names a message that nobody stored is a forged one, and recorded. */
export async function recordForgedSteering(
  deps: Pick<DecisionDeps, 'steering' | 'outbox' | 'clock'>,
  run: RunKey,
  claimed: unknown,
): Promise<void> {
  if (!Array.isArray(claimed) || claimed.length === 0) return;
  const ids = claimed.slice(0, lookedUp).filter((id): id is string => typeof id === 'string' && steerForm.test(id));
  const forged = await deps.steering.unknown(run.tenant, run.runId, ids);
  if (forged.length === 0) return;
  const at = isoTime(deps.clock);
  const body = { reason: 'unknown-steering', count: 1 };
  await deps.outbox.append(forged.map((id) => recordOf('signal-refused', run, `steering/${id}`, at, body)));
}
