import type { ApprovalQuery, ApprovalView } from '../../contracts/http/approval.schema.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { isWithdrawable } from '../../domain/verdict-withdrawal.ts';
import type { InboxViewer } from '../../ports/approval-inbox.port.ts';
import type { ApprovalFilter, ApprovalRow } from '../../ports/approval-store.port.ts';
import type { Catalogue } from '../../ports/catalogue.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { Identity } from '../../ports/directory.port.ts';
import type { RunStore } from '../../ports/run-store.port.ts';
import { viewerOf } from '../delegations/lent-rights.ts';
import { requireToken } from '../edge/address-limit.ts';
import { createRateLimiter, type RateLimit } from '../edge/rate-limiter.ts';
import { requireJson } from '../http/read-json-body.ts';
import type { Principal } from '../principal.ts';
import { createGiveVerdict, type VerdictDependencies } from '../verdicts/give-verdict.ts';
import type { ReauthenticationService } from '../verdicts/reauthentication-service.ts';
import { refusedLent, rightToAnswer } from '../verdicts/right-to-answer.ts';
import { hasAnswered, isOpen, refusedAnswer } from '../verdicts/verdict-objection.ts';
import { createWithdrawVerdict } from '../verdicts/withdraw-verdict.ts';
import { approvalReceipt, type ReceiptDependencies } from './approval-receipt.ts';
import type { ApprovalDetail, ApprovalService } from './approval-service.ts';
import { type ApprovalSources, approvalView } from './approval-view.ts';
import { findApproval } from './find-approval.ts';
import { readEnvelope, readSheet } from './stored-action.ts';

const defaultPageSize = 50;
/** Verdicts of one identity, one by one or in batches: what single requests may be, so that a batch is no way around it. */
export const verdictRate: RateLimit = { burst: 1_000, perSecond: 300 };

export type ApprovalServiceDependencies = VerdictDependencies &
  ApprovalSources &
  ReceiptDependencies & {
    readonly runs: Pick<RunStore, 'find'>;
    readonly catalogue: Pick<Catalogue, 'pinned'>;
    /** Gives a tenant's older approvals what filters look at. */
    readonly complete: (tenant: string) => Promise<void>;
    readonly reauthentication: Pick<ReauthenticationService, 'providerName'> | undefined;
  };

type AnswerStanding = Pick<ApprovalDetail, 'answerable' | 'lent' | 'lentInVain'>;

export function createApprovalService(dependencies: ApprovalServiceDependencies): ApprovalService {
  const { approvals, blobs, catalogue, clock, runs, stepUp, reauthentication } = dependencies;
  const give = createGiveVerdict(dependencies);
  const limiter = createRateLimiter(verdictRate, clock);
  const withdraw = createWithdrawVerdict(dependencies);

  const rowOf = ({ identity }: Principal, approvalId: string) => findApproval(approvals, identity, approvalId);

  /** A list is not lost to one approval whose content is. */
  async function listedView(row: ApprovalRow): Promise<ApprovalView> {
    if (row.unreadable) return approvalView(dependencies, row, 'unreadable');
    const envelope = await readEnvelope(blobs, row).catch((error: unknown) => {
      if (error instanceof CountersignError && error.code === 'blob-missing') return 'unreadable' as const;
      throw error;
    });
    return approvalView(dependencies, row, envelope);
  }

  async function promptOf({ tenant, runId }: ApprovalRow): Promise<Pick<ApprovalDetail, 'prompt'>> {
    const run = await runs.find(tenant, runId);
    const agent = run && catalogue.pinned(run.signedTicket.ticket.manifestDigest);
    return agent === undefined ? {} : { prompt: { text: agent.prompt, digest: agent.promptDigest } };
  }

  const viewOf = async (row: ApprovalRow) => approvalView(dependencies, row, await readEnvelope(blobs, row));

  async function standingOf(row: ApprovalRow, identity: Identity): Promise<AnswerStanding> {
    const right = await rightToAnswer(dependencies, row, identity);
    if (right.kind === 'none')
      return { answerable: right.objection, ...(right.inVain !== undefined && { lentInVain: right.inVain }) };
    if (!isOpen(row, clock.now())) return { answerable: 'approval-closed' };
    if (hasAnswered(await approvals.verdicts(row.tenant, row.approvalId), identity))
      return { answerable: 'already-decided' };
    if (right.kind === 'lent')
      return { answerable: 'yes', lent: { from: right.right.lender.subject, ends: right.right.ends } };
    return { answerable: row.requirement.stepUp ? 'step-up-required' : 'yes' };
  }

  return {
    async listApprovals({ identity }, query) {
      if (query.asked !== undefined) await dependencies.complete(identity.tenant);
      const viewer = query.asked && (await viewerOf(identity, dependencies.lentRights));
      const page = await approvals.list(identity.tenant, filterOf(viewer, query, clock));
      const items = await Promise.all(page.items.map(listedView));
      return { items, ...(page.next !== undefined && { next: page.next }) };
    },
    findApproval: async (principal, approvalId) => viewOf(await rowOf(principal, approvalId)),
    async findApprovalDetail(principal, approvalId) {
      const row = await rowOf(principal, approvalId);
      const [envelope, sheet] = await Promise.all([readEnvelope(blobs, row), readSheet(blobs, row)]);
      const view = await approvalView(dependencies, row, envelope);
      const standing = await standingOf(row, principal.identity);
      const withdrawable =
        isWithdrawable(row.state) && view.verdicts.some(({ by }) => by === principal.identity.subject);
      const detail = { view, row, sheet, envelope, ...standing, withdrawable, ...(await promptOf(row)) };
      if (standing.answerable !== 'step-up-required') return detail;
      const again = reauthentication && { reauthentication: reauthentication.providerName };
      return { ...detail, passkey: await stepUp.standing(principal.identity), ...again };
    },
    receiptOf: async (principal, approvalId) => approvalReceipt(dependencies, await rowOf(principal, approvalId)),
    async giveVerdict(principal, approvalId, body) {
      requireToken(limiter, `${principal.identity.tenant}/${principal.identity.subject}`);
      return give(principal, (await rowOf(principal, approvalId)).approvalId, body);
    },
    withdrawVerdict: async (principal, approvalId) =>
      withdraw(principal.identity, (await rowOf(principal, approvalId)).approvalId),
    async challengeVerdict(principal, approvalId, body) {
      const row = await rowOf(principal, approvalId);
      const { answerable, lent, lentInVain } = await standingOf(row, principal.identity);
      if (lent !== undefined) throw refusedLent('step-up');
      if (lentInVain !== undefined) throw refusedLent(lentInVain);
      if (answerable !== 'yes' && answerable !== 'step-up-required')
        throw refusedAnswer(answerable, row, principal.identity);
      return stepUp.challenge(principal, row, requireJson(body));
    },
  };
}

function filterOf(viewer: InboxViewer | undefined, query: ApprovalQuery, clock: Clock): ApprovalFilter {
  const { limit, cursor, state, runId, run, tool, agent, risk, expiresBefore, order } = query;
  return {
    limit: limit ?? defaultPageSize,
    ...(cursor !== undefined && { cursor }),
    ...(state !== undefined && { state }),
    ...(runId !== undefined && { runId }),
    ...(order !== undefined && { order }),
    narrowed: {
      ...(run !== undefined && { runText: run }),
      ...(tool !== undefined && { tool }),
      ...(agent !== undefined && { agent }),
      ...(risk !== undefined && { risk }),
      ...(expiresBefore !== undefined && { endsBefore: expiresBefore }),
    },
    ...(viewer !== undefined && { viewer, now: isoTime(clock) }),
  };
}
