import { type ApprovalSummary, summaryOf } from '../../domain/approval-summary.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { ApprovalInbox, UnsummarisedApproval } from '../../ports/approval-inbox.port.ts';
import type { BlobStore } from '../../ports/blob-store.port.ts';
import { readSheet } from '../approvals/stored-action.ts';
import type { ApiLog } from '../log.ts';

export interface SummaryDependencies {
  readonly inbox: ApprovalInbox;
  readonly blobs: BlobStore;
  readonly log: ApiLog;
}

const atOnce = 50;

/**
 * Gives the approvals that an older version opened their summaries, once: the first list pays for it.
 * One whose sheet cannot be read is marked so, and holds up no other.
 */
export function createCompleteSummaries({ inbox, blobs, log }: SummaryDependencies): (tenant: string) => Promise<void> {
  const underWay = new Map<string, Promise<void>>();

  async function complete(tenant: string): Promise<void> {
    for (;;) {
      const old = await inbox.unsummarised(tenant, atOnce);
      for (const approval of old) {
        await inbox.summarise(tenant, approval.approvalId, await readSummary(blobs, approval, log));
      }
      if (old.length < atOnce) return;
    }
  }

  return (tenant) => {
    const known = underWay.get(tenant);
    if (known !== undefined) return known;
    const work = complete(tenant).finally(() => underWay.delete(tenant));
    underWay.set(tenant, work);
    return work;
  };
}

/** Undefined where the sheet is missing or is not what the approval names. */
export async function readSummary(
  blobs: BlobStore,
  approval: UnsummarisedApproval,
  log: ApiLog,
): Promise<ApprovalSummary | undefined> {
  try {
    return summaryOf(await readSheet(blobs, approval));
  } catch (error) {
    const code = error instanceof CountersignError ? error.code : 'internal';
    log.info('approval-not-readable', { approvalId: approval.approvalId, code });
    return undefined;
  }
}
