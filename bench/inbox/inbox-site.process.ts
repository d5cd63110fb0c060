import { payment, seedApproval, seedRun } from '../../test/e2e/pages-seed.ts';
import { startPagesSite } from '../../test/e2e/pages-site.ts';
import { answerParent, tellParent } from '../child-process.ts';

/** What the process tells when so many approvals wait. */
export interface InboxSite {
  readonly url: string;
  readonly approvalIds: readonly string[];
}

/** What it answers to any question: one more approval, and when its opening began, in epoch milliseconds. */
export interface OpenedApproval {
  readonly approvalId: string;
  readonly begunAt: number;
}

const approvalsOfOneRun = 20;
const runIdOf = (index: number): string => `bench-${Math.floor(index / approvalsOfOneRun)}`;

/** The real API and pages over the real stores; what waits is opened as the activity of a run opens it. */
const site = await startPagesSite();
const waiting = Number(process.argv[2]);
const approvalIds: string[] = [];
for (let index = 0; index < waiting; index += 1) approvalIds.push(await open(index));

answerParent(async (): Promise<OpenedApproval> => {
  const begunAt = performance.timeOrigin + performance.now();
  const approvalId = await open(approvalIds.length);
  approvalIds.push(approvalId);
  return { approvalId, begunAt };
});
tellParent({ url: site.url, approvalIds } satisfies InboxSite);

async function open(index: number): Promise<string> {
  const runId = runIdOf(index);
  if (index % approvalsOfOneRun === 0) await seedRun(site, runId);
  const { approvalId } = await seedApproval(site, {
    runId,
    index: index % approvalsOfOneRun,
    args: { ...payment, amount: `${5_000 + index}.50`, invoiceNumber: `RE-${10_000 + index}` },
    tool: index % 3 === 0 ? 'stock.order_parts' : 'invoices.schedule_payment',
    risk: index % 4 === 0 ? 'high' : 'medium',
    ttlSeconds: 3_600 + ((index * 7_919) % 86_400),
  });
  return approvalId;
}
