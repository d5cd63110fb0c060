import { digestOf } from '../../src/digest/digest.ts';
import type { ActionSheet } from '../../src/domain/action-sheet.ts';
import type { ApprovalRequirement } from '../../src/domain/decision.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { parseBlobRef } from '../../src/ports/blob-store.port.ts';
import type { ApiHarness } from './api-harness.ts';

export interface Question {
  readonly runId: string;
  readonly initiator?: string;
  readonly ownerGroup?: string;
  readonly callId?: string;
  readonly kind?: 'tool-call' | 'answer';
  readonly args?: JsonObject;
  readonly ttlMs?: number;
  readonly requirement?: Partial<ApprovalRequirement>;
  /** The row names a sheet that is not in the store. */
  readonly sheet?: 'lost';
}

const payment = { supplierId: 'S-100', iban: 'DE89370400440532013000', amount: '1200.00', currency: 'EUR' };

let runs = 0;

/** A run of its own, started by its initiator, with one open question. */
export async function askedInRun(api: ApiHarness, question: Partial<Question> = {}): Promise<ApprovalRow> {
  runs += 1;
  const { runId = `asked-${runs}`, initiator = 'initiator' } = question;
  await (await api.as(initiator)).runs.start({ runId, agent: 'invoice-desk', task: 'Pay the invoices.' });
  return openApproval(api, { ...question, runId, initiator });
}

/** Opens an approval as a run's activity does: envelope and sheet in the blob store, row and record in SQL. */
export async function openApproval(
  { storage, blobs, clock }: Pick<ApiHarness, 'storage' | 'blobs' | 'clock'>,
  question: Question,
): Promise<ApprovalRow> {
  const { runId, initiator = 'initiator', callId = 't1.0', kind = 'tool-call', args = payment } = question;
  const createdAt = new Date(clock.now()).toISOString();
  const expiresAt = new Date(clock.now() + (question.ttlMs ?? 3_600_000)).toISOString();
  const reasons = [{ rule: 'over-the-limit', message: 'The amount is over the limit.' }];
  const tool = 'invoices.schedule_payment';
  const sheet: ActionSheet = {
    tool,
    effect: 'irreversible',
    agent: 'invoice-desk',
    agentVersion: 1,
    onBehalfOf: initiator,
    rows: [],
    reasons,
    facts: {},
    records: [],
  };
  const sheetValue = sheet as object as JsonObject;
  const renderHash = digestOf('render', sheetValue);
  const envelope = {
    v: 1,
    tenant: 'default',
    agent: 'invoice-desk',
    agentVersion: 1,
    workflowId: `default/${runId}`,
    runId,
    callId,
    kind,
    tool,
    toolPin: 'sha256:0',
    args,
    labelsDigest: '',
    onBehalfOf: initiator,
    credentialScope: '',
    risk: 'high',
    preconditions: {},
    askedUnderPolicy: 'sha256:1',
    renderHash,
    createdAt,
    expiresAt,
    nonce: 'n',
  } as const;
  const actionDigest = digestOf('action', envelope);
  const row: ApprovalRow = {
    approvalId: `apr_${digestOf('content', `${runId}/${callId}`).slice('sha256:'.length, 'sha256:'.length + 32)}`,
    tenant: 'default',
    runId,
    agent: 'invoice-desk',
    callId,
    kind,
    tool,
    state: 'pending',
    actionDigest,
    renderHash,
    envelopeRef: await blobs.put('default', 'envelope', envelope),
    sheetRef:
      question.sheet === 'lost'
        ? parseBlobRef(`blob:${'0'.repeat(64)}`)
        : await blobs.put('default', 'sheet', sheetValue),
    risk: 'high',
    reasons,
    requirement: { quorum: 1, roles: ['approver'], ttlSeconds: 3_600, stepUp: false, ...question.requirement },
    initiator,
    ownerGroup: question.ownerGroup ?? 'ap-team',
    createdAt,
    expiresAt,
    revision: 0,
  };
  const { approvalId, envelopeRef } = row;
  const body = { callId, tool, envelopeRef, actionDigest, approvalId, expiresAt };
  return storage.approvals.open(row, recordOf('approval-opened', row, callId, createdAt, body));
}
