import { randomUUID } from 'node:crypto';
import { type BatchItem, type BatchOutcome, batchBodySchema } from '../../contracts/http/batch.schema.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { ApprovalStore } from '../../ports/approval-store.port.ts';
import type { ApprovalService } from '../approvals/approval-service.ts';
import { isApprovalId } from '../approvals/find-approval.ts';
import { problemOf } from '../http/problem-response.ts';
import { requireJson } from '../http/read-json-body.ts';
import { parseInput } from '../input.ts';
import type { ApiLog } from '../log.ts';
import type { Principal } from '../principal.ts';
import type { BatchService } from './batch-service.ts';

export interface BatchDependencies {
  readonly approvals: Pick<ApprovalService, 'giveVerdict'>;
  readonly verdicts: Pick<ApprovalStore, 'verdicts'>;
  readonly log: ApiLog;
}

/** Several answers in one request, each a verdict of its own: checked, signed, stored, refused and recorded like any other. */
export function createBatchService({ approvals, verdicts, log }: BatchDependencies): BatchService {
  async function outcomeOf(principal: Principal, { approvalId, ...answer }: BatchItem): Promise<BatchOutcome> {
    try {
      const before = await givenBefore(principal, approvalId, answer);
      const given = before ?? (await approvals.giveVerdict(principal, approvalId, { kind: 'json', value: answer }));
      return { approvalId, verdictId: given.verdictId };
    } catch (error) {
      const instance = `urn:uuid:${randomUUID()}`;
      if (!(error instanceof CountersignError) || error.row.status >= 500)
        log.error('verdict-of-batch-failed', { instance, approvalId }, error);
      return { approvalId, problem: problemOf(error, instance) };
    }
  }

  /** A batch that was cut off is sent again whole: what was stored of it is the same verdict, and no second try. */
  async function givenBefore(
    { identity }: Principal,
    approvalId: string,
    { verdict, actionDigest, reason = '' }: Omit<BatchItem, 'approvalId'>,
  ): Promise<{ readonly verdictId: string } | undefined> {
    const stored = isApprovalId(approvalId) ? await verdicts.verdicts(identity.tenant, approvalId) : [];
    const own = stored.find(({ signed }) => signed.verdict.approver === identity.subject)?.signed.verdict;
    const isSame = own?.verdict === verdict && own.actionDigest === actionDigest && own.reason === reason;
    return isSame ? { verdictId: own.verdictId } : undefined;
  }

  return {
    async giveVerdicts(principal, body) {
      const { items } = parseInput(batchBodySchema, requireJson(body));
      const outcomes: BatchOutcome[] = [];
      // One after the other, in the order in which they were listed: a batch is no way to be faster than a person's turn.
      for (const item of items) outcomes.push(await outcomeOf(principal, item));
      return { items: outcomes };
    },
  };
}
