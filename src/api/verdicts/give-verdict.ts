import { randomBytes } from 'node:crypto';
import { type VerdictBody, type VerdictReceipt, verdictBodySchema } from '../../contracts/http/approval.schema.ts';
import { canonicalJson } from '../../digest/canonical-json.ts';
import type { SignedVerdict, Verdict, VerdictEdit } from '../../domain/approval.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { JsonObject } from '../../domain/json.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import type { ApprovalRow, ApprovalStore } from '../../ports/approval-store.port.ts';
import type { ArgumentChecker } from '../../ports/argument-checker.port.ts';
import type { BlobStore } from '../../ports/blob-store.port.ts';
import type { Catalogue } from '../../ports/catalogue.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { Identity } from '../../ports/directory.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import { readEnvelope, readSheet } from '../approvals/stored-action.ts';
import { parseInput } from '../input.ts';
import type { Principal, RawBody } from '../principal.ts';
import type { RefusedAttempts } from '../refused-attempts.ts';
import { editOf, refuseStrayArguments } from './edited-arguments.ts';
import { lentPart, type RightDependencies, type RightToAnswer, requireRight } from './right-to-answer.ts';
import type { StepUp, StepUpProof } from './step-up.ts';
import { hasAnswered, isOpen, needsStepUp } from './verdict-objection.ts';
import type { VerdictPump } from './verdict-pump.ts';

export interface VerdictDependencies extends RightDependencies {
  readonly approvals: ApprovalStore;
  readonly blobs: BlobStore;
  readonly keys: KeyService;
  readonly clock: Clock;
  readonly pump: Pick<VerdictPump, 'deliver'>;
  readonly refusedAttempts: RefusedAttempts;
  readonly stepUp: StepUp;
  readonly catalogue: Pick<Catalogue, 'tool'>;
  readonly argumentChecker: ArgumentChecker;
}

/**
 * Checks, signs and stores one person's answer, then tells the run. What is refused is recorded. A proof that did not
 * come with the body is given apart.
 */
export function createGiveVerdict(dependencies: VerdictDependencies) {
  const { approvals, keys, clock, pump, refusedAttempts, stepUp } = dependencies;

  return async function giveVerdict(
    principal: Principal,
    approvalId: string,
    body: RawBody,
    given?: StepUpProof,
  ): Promise<VerdictReceipt> {
    const { identity } = principal;
    const row = await approvals.find(identity.tenant, approvalId);
    if (row === undefined) throw new CountersignError('approval-not-found');
    try {
      const proof = given ?? (await stepUp.prove(principal, row, body));
      const { answer, right } = await acceptedAnswer(dependencies, row, identity, body, proof.kind);
      const edit = answer.verdict === 'edit' ? await editOf(dependencies, row, answer) : undefined;
      const at = isoTime(clock);
      const proven = proof.kind === 'proven' ? proof.part : {};
      const verdict: Verdict = { ...verdictOf(row, identity, answer, edit, at), ...lentPart(right), ...proven };
      const text = canonicalJson(verdict as object as JsonObject);
      const signed: SignedVerdict = { verdict, ...(await keys.sign('verdict', text)) };
      await store(approvals, row, signed, at);
      const { verdictId } = verdict;
      pump.deliver({ tenant: row.tenant, runId: row.runId, approvalId: row.approvalId, verdictId });
      return { verdictId };
    } catch (error) {
      await refusedAttempts.verdict(row, identity, error);
      throw error;
    }
  };
}

/** The contract's order: 403, 410, 409, 400. A body that cannot be read therefore never hides that the approval is closed. */
export async function acceptedAnswer(
  dependencies: Pick<VerdictDependencies, 'approvals' | 'blobs' | 'keys' | 'clock' | 'lentRights'>,
  row: ApprovalRow,
  identity: Identity,
  body: RawBody,
  proof: StepUpProof['kind'],
): Promise<{ readonly answer: VerdictBody; readonly right: RightToAnswer }> {
  const { approvals, blobs, clock } = dependencies;
  const right = await requireRight(dependencies, row, identity, proof);
  if (needsStepUp(row, proof)) throw new CountersignError('step-up-required');
  if (!isOpen(row, clock.now())) throw new CountersignError('approval-closed');
  const claimed = claimedDigest(body);
  if (claimed !== undefined && claimed !== row.actionDigest) throw new CountersignError('digest-mismatch');
  if (hasAnswered(await approvals.verdicts(row.tenant, row.approvalId), identity))
    throw new CountersignError('already-decided');
  if (body.kind === 'unreadable') throw body.error;
  const answer = parseInput(verdictBodySchema, body.value);
  if (answer.verdict !== 'edit') refuseStrayArguments(answer.args);
  // What is signed is what lies in the store now; neither may have changed under the digests.
  await Promise.all([readEnvelope(blobs, row), readSheet(blobs, row)]);
  return { answer, right };
}

/** The digest as far as it is one; its absence is a matter for the schema. */
function claimedDigest(body: RawBody): string | undefined {
  if (body.kind !== 'json' || typeof body.value !== 'object' || body.value === null || !('actionDigest' in body.value))
    return undefined;
  const { actionDigest } = body.value;
  return typeof actionDigest === 'string' && /^sha256:[0-9a-f]{64}$/.test(actionDigest) ? actionDigest : undefined;
}

function verdictOf(
  row: ApprovalRow,
  identity: Identity,
  answer: VerdictBody,
  edit: VerdictEdit | undefined,
  at: string,
): Verdict {
  return {
    v: 1,
    verdictId: `vrd_${randomBytes(16).toString('hex')}`,
    approvalId: row.approvalId,
    tenant: row.tenant,
    actionDigest: row.actionDigest,
    renderHash: row.renderHash,
    verdict: answer.verdict,
    approver: identity.subject,
    roles: identity.roles,
    groups: identity.groups,
    acr: identity.acr,
    nonce: randomBytes(32).toString('base64url'),
    at,
    reason: answer.reason ?? '',
    ...(edit === undefined ? {} : { edit }),
  };
}

async function store(approvals: ApprovalStore, row: ApprovalRow, signed: SignedVerdict, at: string): Promise<void> {
  const { approvalId, verdictId, approver, verdict } = signed.verdict;
  const { callId, tool, envelopeRef, actionDigest } = row;
  const lent = signed.verdict.delegation && { delegation: signed.verdict.delegation };
  const body = { approvalId, verdictId, by: approver, ...lent, verdict, callId, tool, envelopeRef, actionDigest };
  const outcome = await approvals.storeVerdict(signed, at, recordOf('verdict-given', row, verdictId, at, body));
  switch (outcome) {
    case 'stored':
      return;
    case 'closed':
      throw new CountersignError('approval-closed');
    case 'already-decided':
      throw new CountersignError('already-decided');
    default:
      return assertNever(outcome);
  }
}
