import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openEmbeddedRecords, type Records } from '../../src/main/records.ts';
import type { StoredRecord } from '../../src/ports/audit-outbox.port.ts';

/** One effect without what differs from run to run: its place in the run, its tool, and how it ended. */
export type LedgerLine = string;

/** The effects of the one run in a demo's folder, after checking that the log accounts for every one of them. */
export async function demoLedger(folder: string): Promise<readonly LedgerLine[]> {
  const records = await openEmbeddedRecords(folder, {
    cacheFolder: join(tmpdir(), 'countersign-test-cache'),
    durability: 'process',
  });
  try {
    const { items } = await records.storage.runs.list('default', { limit: 10 });
    expect(items).toHaveLength(1);
    const runId = items[0]?.runId ?? '';
    expect(items[0]?.closed?.state).toBe('completed');
    const rows = await records.storage.ledger.ofRun('default', runId);
    const log = await wholeLog(records, runId);
    for (const row of rows) expectAccounted(log, row.key.split('/').at(-1) ?? '', row.actionDigest, row.approvalId);
    return rows.map((row) => `${row.key.split('/').at(-1)} ${row.tool} ${row.state}`).toSorted();
  } finally {
    await records.close();
  }
}

/** Decided with allow, or asked and approved; reserved once after that; ended once after that; all for one digest. */
function expectAccounted(
  log: readonly StoredRecord[],
  callId: string,
  actionDigest: string,
  approvalId: string | undefined,
): void {
  const of = (kind: StoredRecord['kind']) =>
    log.filter((record) => record.kind === kind && record.body['callId'] === callId);
  const proposal = of('action-decided').find((record) => record.body['point'] === 'proposal');
  const [reserved, ...reservedAgain] = of('effect-reserved');
  const ended = [...of('effect-landed'), ...of('effect-did-not-happen'), ...of('effect-in-doubt')];
  expect(proposal?.body['decision']).toBe(approvalId === undefined ? 'allow' : 'ask');
  if (approvalId !== undefined)
    expect(of('approval-closed').map((record) => record.body['state'])).toContain('approved');
  expect(reservedAgain).toEqual([]);
  expect(ended).toHaveLength(1);
  for (const record of [proposal, reserved, ...ended]) expect(record?.body['actionDigest']).toBe(actionDigest);
  expect(proposal?.position).toBeLessThan(reserved?.position ?? 0);
  expect(reserved?.position).toBeLessThan(ended[0]?.position ?? 0);
}

async function wholeLog({ storage }: Records, runId: string): Promise<readonly StoredRecord[]> {
  const log: StoredRecord[] = [];
  for (;;) {
    const page = await storage.outbox.ofRun('default', runId, log.at(-1)?.position ?? 0, 500);
    if (page.length === 0) return log;
    log.push(...page);
  }
}
