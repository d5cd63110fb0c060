import { CountersignError } from '../../domain/countersign-error.ts';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import type { Identity } from '../../ports/directory.port.ts';
import type { AnswerObjection, ApprovalService, Principal } from '../services.ts';
import { createGiveVerdict, type VerdictDependencies } from '../verdicts/give-verdict.ts';
import { hasAnswered, isOpen, objectionToPerson } from '../verdicts/verdict-objection.ts';
import { type ApprovalSources, approvalView } from './approval-view.ts';
import { readEnvelope, readSheet } from './stored-action.ts';

const defaultPageSize = 50;
const approvalForm = /^apr_[0-9a-f]{32}$/;

export type ApprovalServiceDependencies = VerdictDependencies & ApprovalSources;

export function createApprovalService(dependencies: ApprovalServiceDependencies): ApprovalService {
  const { approvals, blobs, clock } = dependencies;
  const give = createGiveVerdict(dependencies);

  async function rowOf({ identity }: Principal, approvalId: string): Promise<ApprovalRow> {
    const row = approvalForm.test(approvalId) ? await approvals.find(identity.tenant, approvalId) : undefined;
    if (row === undefined) throw new CountersignError('approval-not-found');
    return row;
  }

  const viewOf = async (row: ApprovalRow) => approvalView(dependencies, row, await readEnvelope(blobs, row));

  async function answerable(row: ApprovalRow, identity: Identity): Promise<AnswerObjection | 'yes'> {
    const objection = objectionToPerson(row, identity);
    if (objection !== undefined) return objection;
    if (!isOpen(row, clock.now())) return 'approval-closed';
    return hasAnswered(await approvals.verdicts(row.tenant, row.approvalId), identity) ? 'already-decided' : 'yes';
  }

  return {
    async listApprovals({ identity }, { limit, cursor, state, runId }) {
      const page = await approvals.list(identity.tenant, {
        limit: limit ?? defaultPageSize,
        ...(cursor !== undefined && { cursor }),
        ...(state !== undefined && { state }),
        ...(runId !== undefined && { runId }),
      });
      return { items: await Promise.all(page.items.map(viewOf)), ...(page.next !== undefined && { next: page.next }) };
    },
    findApproval: async (principal, approvalId) => viewOf(await rowOf(principal, approvalId)),
    async findApprovalDetail(principal, approvalId) {
      const row = await rowOf(principal, approvalId);
      const [envelope, sheet] = await Promise.all([readEnvelope(blobs, row), readSheet(blobs, row)]);
      const view = await approvalView(dependencies, row, envelope);
      return { view, row, sheet, envelope, answerable: await answerable(row, principal.identity) };
    },
    async giveVerdict(principal, approvalId, body) {
      return give(principal, (await rowOf(principal, approvalId)).approvalId, body);
    },
  };
}
