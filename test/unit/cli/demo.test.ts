import { mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDataFolder } from '../../../src/adapters/data-folder/open-data-folder.ts';
import { openDemoFolder, removeDemoFolder } from '../../../src/cli/demo/demo-folder.ts';
import { demoSummary } from '../../../src/cli/demo/demo-summary.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import type { RunView } from '../../../src/contracts/http/run.schema.ts';
import type { TimelineItem } from '../../../src/contracts/http/timeline.schema.ts';

describe('the demo’s folder', () => {
  let base: string;
  let folder: string;
  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'demo-folder-')));
    folder = join(base, 'demo');
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  test('is for its owner alone, and keeps one run over starts', async () => {
    const first = await openDemoFolder(folder, 'the task');
    expect(first).toMatchObject({ task: 'the task', resumed: false });
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await openDemoFolder(folder, 'another task')).toEqual({ ...first, resumed: true });
  });

  test('gets a new run once it was removed', async () => {
    const { runId } = await openDemoFolder(folder, 'the task');
    await removeDemoFolder(folder);
    expect((await openDemoFolder(folder, 'the task')).runId).not.toBe(runId);
  });

  test('is neither used nor removed where it holds somebody else’s files', async () => {
    await writeFile(join(base, 'thesis.txt'), 'years of work');
    await expect(openDemoFolder(base, 'x')).rejects.toBeInstanceOf(UsageError);
    await expect(removeDemoFolder(base)).rejects.toBeInstanceOf(UsageError);
    expect(await readdir(base)).toEqual(['thesis.txt']);
  });

  test('is not removed while a server has it open', async () => {
    await openDemoFolder(folder, 'x');
    const owned = await openDataFolder(folder);
    await expect(removeDemoFolder(folder)).rejects.toMatchObject({ code: 'data-folder-in-use' });
    await owned.release();
    await removeDemoFolder(folder);
    expect(await readdir(base)).toEqual([]);
  });

  test('may be missing when it is to be removed', async () => {
    await expect(removeDemoFolder(folder)).resolves.toBeUndefined();
  });
});

describe('the summary', () => {
  const base = { position: 1, at: '2026-07-10T14:03:22.000Z', runId: 'run-1' } as const;
  const usage = { modelCalls: 1, toolCalls: 1, inputTokens: 1, outputTokens: 1, costMicroUsd: 0 };
  const run: RunView = {
    runId: 'run-1',
    workflowId: 'default/run-1',
    agent: 'invoice-desk',
    version: 1,
    tenant: 'default',
    state: 'completed',
    pendingApprovals: 0,
    usage,
    startedAt: base.at,
    closedAt: '2026-07-10T14:03:32.000Z',
    links: { self: '', page: '', temporal: '' },
  };
  const action = (callId: string) => ({
    ...base,
    callId,
    tool: 'invoices.schedule_payment',
    args: { invoiceNumber: callId },
  });
  const decided = (callId: string, decision: 'allow' | 'ask' | 'deny'): TimelineItem => ({
    ...action(callId),
    event: 'action-decided',
    kind: 'tool-call',
    point: 'proposal',
    actionDigest: '',
    policyDigest: '',
    decision,
    reasons: decision === 'deny' ? [{ rule: 'r', message: 'm' }] : [],
  });
  const items: TimelineItem[] = [
    decided('t1.0', 'allow'),
    { ...action('t1.0'), event: 'effect-landed', outcome: 'ok' },
    decided('t1.1', 'ask'),
    {
      ...action('t1.1'),
      event: 'verdict-given',
      approvalId: 'apr_1',
      verdictId: 'v',
      by: 'approver',
      verdict: 'approve',
    },
    { ...action('t1.1'), event: 'effect-landed', outcome: 'ok', approvalId: 'apr_1' },
    decided('t1.2', 'deny'),
    decided('t1.3', 'ask'),
    { ...action('t1.3'), event: 'approval-closed', approvalId: 'apr_2', state: 'rejected' },
    decided('t1.4', 'allow'),
    { ...action('t1.4'), event: 'effect-in-doubt' },
    decided('t1.5', 'allow'),
    { ...action('t1.5'), event: 'effect-landed', outcome: 'tool-failed' },
  ];
  const summary = demoSummary(run, items);
  const callsIn = (entries: readonly { readonly callId: string }[]) => entries.map(({ callId }) => callId);

  test('tells payments by policy from payments that people approved', () => {
    expect(callsIn(summary.paidByPolicy)).toEqual(['t1.0']);
    expect(callsIn(summary.paidWithApproval)).toEqual(['t1.1']);
    expect(summary.paidWithApproval[0]?.approvedBy).toEqual(['approver']);
  });

  test('counts a rejection as a refusal, each with its reason', () => {
    expect(summary.refused.map(({ callId, reasons }) => [callId, reasons[0]?.rule])).toEqual([
      ['t1.2', 'r'],
      ['t1.3', 'rejected'],
    ]);
  });

  test('never counts as paid what is in doubt or failed', () => {
    expect(callsIn(summary.inDoubt)).toEqual(['t1.4']);
    expect(callsIn([...summary.paidByPolicy, ...summary.paidWithApproval])).not.toContain('t1.5');
  });

  test('knows how long it took', () => {
    expect(summary.durationMs).toBe(10_000);
  });
});
