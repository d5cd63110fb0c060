import { performRequestSchema } from '../src/contracts/perform-request.schema.ts';
import type { PerformOutcome, PerformRequest } from '../src/contracts/run-activities.ts';
import { assertNever } from '../src/domain/assert-never.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import { type Decision, type RefusalCode, refusalOf } from '../src/domain/decision.ts';
import { latestOf } from '../src/domain/escalation.ts';
import { turnOf } from '../src/domain/ids.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import type { LedgerStanding, ReserveOutcome } from '../src/ports/effect-ledger.port.ts';
import { actionRecords } from './action-records.ts';
import type { EffectsDeps } from './activity-deps.ts';
import type { AdmittedRun, AdmittedRuns } from './admitted-run.ts';
import type { Attempt } from './attempt.ts';
import { clearAction } from './clear-action.ts';
import { candidateOf, type Decide, toolOfEnvelope } from './decide-action.ts';
import { decideInTheEnd } from './decide-without-facts.ts';
import { refuseForeignEdit } from './edit-provenance.ts';
import type { Effect } from './effect.ts';
import { isToolOfEnvelope, refuseForeignAuthority } from './envelope-authority.ts';
import { executeEffect } from './execute-effect.ts';
import { outcomeOfRow } from './settle-effect.ts';
import { wasShown } from './shown-sheet.ts';
import { isSteppedUp } from './stepped-up.ts';
import { storedEnvelope } from './stored-envelope.ts';
import { createTurns } from './take-turns.ts';
import { type AnsweredApproval, answeredApproval } from './verified-verdicts.ts';

/** How long after its approval's end an approved effect may still begin, for a worker that was away. */
const approvedGraceMs = 15 * 60_000;

/**
 * The last decision point, and the only way to an effect. It believes no workflow: the digest is computed again,
 * facts, verdicts and counts are fetched here, and nothing is called before the reservation is in the ledger.
 * A crash anywhere is safe: the retry carries the same key, and the ledger knows it.
 */
export function createPerformAction(deps: EffectsDeps, admittedRuns: AdmittedRuns, decide: Decide) {
  const turns = createTurns();

  const perform = async (request: PerformRequest, from: Omit<Effect, 'deps'>): Promise<PerformOutcome> => {
    const effect: Effect = { deps, ...from };
    const { run, action } = effect;
    const standing = await deps.ledger.standing(run.tenant, run.runId, action.key);
    if (standing.row !== undefined) {
      if (standing.row.actionDigest !== action.actionDigest) throw new CountersignError('digest-conflict');
      if (standing.row.state !== 'reserved') return outcomeOfRow(effect, standing.row);
    }
    // A reservation was decided when it was made; what may have happened must be brought to a known state.
    const clearance =
      standing.row === undefined ? await clear(effect, request, admittedRuns, decide, standing) : alreadyReserved;
    if (clearance.kind === 'refused') return clearance.outcome;
    const reserved = await reserve(effect, admittedRuns, clearance);
    return proceed(effect, reserved, clearance.approval?.approvalId);
  };

  return async (request: PerformRequest, attempt: Attempt): Promise<PerformOutcome> => {
    if (!performRequestSchema.safeParse(request).success) throw new CountersignError('invalid-request');
    const { run, action } = request;
    const envelope = await storedEnvelope(deps.blobs, run, action);
    const tool = toolOfEnvelope(deps, envelope.tool);
    // Asked for twice at once, the second looks when the first is over. And an effect may end the very relation that
    // permits it, so of those that rest on the records of one server only one is decided and done at a time.
    const restsOnRecords = tool !== undefined && Object.keys(tool.manifest.relations).length > 0;
    const turn = restsOnRecords ? `${run.tenant}/${tool.server}` : action.key;
    return turns.take(turn, attempt.signal, () => perform(request, { run, action, envelope, tool, attempt }));
  };
}

/**
 * An answer would end the run, so it waits while the principal has said what its turn did not hear, as long as there is
 * a turn left to hear it. A turn that came later counts as unheard: a run that was reset goes on as it did before.
 */
async function isOvertaken({ deps, run, action }: Effect, steps: number): Promise<boolean> {
  const turn = turnOf(action.callId);
  return turn < steps && deps.steering.hasUnheard(run.tenant, run.runId, turn);
}

interface Cleared {
  readonly kind: 'cleared';
  readonly approval: { readonly approvalId: string; readonly nonces: readonly string[] } | undefined;
  readonly policyDigest: string;
}

type Clearing = Cleared | { readonly kind: 'refused'; readonly outcome: PerformOutcome };

const alreadyReserved: Cleared = { kind: 'cleared', approval: undefined, policyDigest: '' };

async function clear(
  effect: Effect,
  request: PerformRequest,
  admittedRuns: AdmittedRuns,
  decide: Decide,
  standing: LedgerStanding,
): Promise<Clearing> {
  const { deps, run, action, envelope, tool, attempt } = effect;
  const admitted = await admittedRuns.admitted(run);
  const mandate = await admittedRuns.mandate(run);
  refuseForeignAuthority(envelope, admitted);
  if (envelope.edited !== undefined || standing.hasEdits) {
    const edit = await refuseForeignEdit(deps, run, envelope);
    if (edit?.edit.requirement.stepUp === true && !(await isSteppedUp(deps, edit)))
      return refuse(effect, denied('edit-unproven', 'Whoever changed the arguments did not prove that it was him.'));
  }
  const answered =
    request.approvalId === undefined ? undefined : await boundApproval(effect, admitted, request.approvalId);
  if (answered?.approval.state === 'withdrawn') {
    return refuse(effect, denied('approval-withdrawn', 'The approval was withdrawn before the action began.'));
  }
  if (action.kind === 'answer' && (await isOvertaken(effect, mandate.budget.steps))) {
    return refuse(effect, denied('principal-spoke', 'The principal has said something since; go on with it.'));
  }
  const graceMs = answered === undefined ? 0 : approvedGraceMs;
  if (deps.clock.now() > Date.parse(envelope.expiresAt) + graceMs) {
    return refuse(effect, denied('action-expired', 'The action was not begun in time.', 'expired'));
  }
  if (!isToolOfEnvelope(envelope, tool)) {
    return refuse(effect, denied('tool-changed', 'The tool was reviewed again after this action was decided.'));
  }
  const candidate = candidateOf(envelope, tool, action.toolName);
  const basis = { run, admitted, mandate, standing, steps: turnOf(action.callId), signal: attempt.signal };
  const clearance = await clearAction(deps, decideInTheEnd(deps, decide, attempt), candidate, basis, answered);
  switch (clearance.kind) {
    case 'cleared':
      return {
        kind: 'cleared',
        approval: answered && {
          approvalId: answered.approval.approvalId,
          nonces: clearance.verdicts.map((verdict) => verdict.nonce),
        },
        policyDigest: clearance.decision.policyDigest,
      };
    case 'refused':
      return refuse(effect, clearance.decision);
    case 'unanswered':
      return refuse(effect, denied('approval-missing', 'Policy asks for an approval that this action does not have.'));
    default:
      return assertNever(clearance);
  }
}

/**
 * The approval that a workflow named, if it is one of exactly this action. The row was written by a worker that is not
 * believed either: people must have seen what will run, and who may not count, and until when, is read elsewhere.
 */
async function boundApproval(
  { deps, run, action, envelope, tool }: Effect,
  { ticket, agent }: AdmittedRun,
  approvalId: string,
): Promise<AnsweredApproval> {
  const answered = await answeredApproval(deps, run, approvalId, envelope);
  if (answered === undefined) throw new CountersignError('digest-conflict');
  const { approval } = answered;
  if (approval.runId !== run.runId || approval.actionDigest !== action.actionDigest) {
    throw new CountersignError('digest-conflict');
  }
  if (!(await wasShown(deps.blobs, approval, ticket, envelope, tool))) throw new CountersignError('digest-conflict');
  const duties = { initiator: ticket.initiator, ownerGroup: agent.manifest.owner };
  // Who writes rows and envelopes could have the question opened long ago, but not before its run was admitted.
  const createdAt = latestOf(approval.createdAt, ticket.issuedAt);
  return { ...answered, approval: { ...approval, ...duties, createdAt, expiresAt: envelope.expiresAt } };
}

async function reserve(
  { deps, run, action }: Effect,
  admittedRuns: AdmittedRuns,
  cleared: Cleared,
): Promise<ReserveOutcome> {
  const mandate = await admittedRuns.mandate(run);
  const at = isoTime(deps.clock);
  const isAnswer = action.kind === 'answer';
  const tool =
    mandate.tools.find((entry) => entry.name === action.tool)?.maxCalls ?? (isAnswer ? Number.MAX_SAFE_INTEGER : 0);
  const approval = cleared.approval === undefined ? {} : { approvalId: cleared.approval.approvalId };
  return deps.ledger.reserve(
    {
      key: action.key,
      ...run,
      tool: action.tool,
      actionDigest: action.actionDigest,
      ...approval,
      nonces: cleared.approval?.nonces ?? [],
      limits: { tool, total: isAnswer ? Number.MAX_SAFE_INTEGER : mandate.budget.toolCalls },
      at,
    },
    [actionRecords(run, action, at).reserved(cleared.policyDigest, cleared.approval?.approvalId)],
  );
}

async function proceed(
  effect: Effect,
  reserved: ReserveOutcome,
  approvalId: string | undefined,
): Promise<PerformOutcome> {
  switch (reserved.kind) {
    case 'reserved':
      return executeEffect(effect, 'fresh', approvalId);
    case 'known':
      return reserved.row.state === 'reserved'
        ? executeEffect(effect, 'recovering', reserved.row.approvalId)
        : outcomeOfRow(effect, reserved.row);
    case 'digest-conflict':
      throw new CountersignError('digest-conflict');
    case 'limit-reached':
      return refused(
        effect,
        denied(`mandate-${reserved.limit}`, 'The mandate’s calls are used up.', 'budget-exceeded'),
      );
    case 'approval-spent':
      return refused(effect, denied('approval-spent', 'The approval was already used, or is no longer in force.'));
    case 'run-closed':
      return refused(effect, denied('run-closed', 'The run has ended.'));
    default:
      return assertNever(reserved);
  }

  async function refused(of: Effect, decision: Extract<Decision, { kind: 'deny' }>): Promise<PerformOutcome> {
    const { outcome } = await refuse(of, decision);
    return outcome;
  }
}

function denied(rule: string, message: string, code: RefusalCode = 'denied'): Extract<Decision, { kind: 'deny' }> {
  return { kind: 'deny', policyDigest: '', code, reasons: [{ rule, message }] };
}

async function refuse(
  { deps, run, action }: Effect,
  decision: Extract<Decision, { kind: 'deny' }>,
): Promise<Extract<Clearing, { kind: 'refused' }>> {
  await deps.outbox.append([actionRecords(run, action, isoTime(deps.clock)).decided('effect', decision)]);
  return { kind: 'refused', outcome: { kind: 'refused', refusal: refusalOf(decision) } };
}
