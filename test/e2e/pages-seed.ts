import { randomBytes } from 'node:crypto';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import { delegationText } from '../../src/digest/delegations.ts';
import { digestOf } from '../../src/digest/digest.ts';
import type { ActionEnvelope, RiskTier } from '../../src/domain/action.ts';
import { type ActionSheet, sheetRows } from '../../src/domain/action-sheet.ts';
import { summaryOf } from '../../src/domain/approval-summary.ts';
import type { ApprovalRequirement, Reason } from '../../src/domain/decision.ts';
import type { Delegation } from '../../src/domain/delegation.ts';
import { callIdOf } from '../../src/domain/ids.ts';
import type { JsonObject, JsonValue } from '../../src/domain/json.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import { parseBlobRef } from '../../src/ports/blob-store.port.ts';
import type { PagesSite } from './pages-site.ts';

const tenant = 'default';
const agent = { agent: 'invoice-desk', agentVersion: 1 } as const;
const digest = `sha256:${'0'.repeat(64)}`;
const roles = {
  supplierId: 'route',
  iban: 'route',
  amount: 'route',
  currency: 'route',
  poNumber: 'route',
  invoiceNumber: 'route',
  reference: 'payload',
} as const;

export const payment: JsonObject = {
  supplierId: 'SUP-1004',
  iban: 'DE89370400440532013000',
  amount: '12400.00',
  currency: 'EUR',
  poNumber: 'PO-2026-0117',
  invoiceNumber: 'RE-88213',
  reference: 'Invoice RE-88213, spindle housings, July delivery',
};

/** An admitted run with its plan, as the engine would have recorded it. */
export async function seedRun(
  { records, clock }: Pick<PagesSite, 'records' | 'clock'>,
  runId: string,
  initiator = 'initiator',
  task = 'Work through the mailbox. Pay what agrees with our records.',
): Promise<void> {
  const at = new Date(clock.now()).toISOString();
  const taskRef = await records.blobs.put(tenant, 'task', { task });
  const ticket = {
    v: 1,
    tenant,
    runId,
    ...agent,
    manifestDigest: digest,
    taskRef,
    taskAuthority: 'principal',
    initiator,
    initiatorKind: 'person',
    issuedAt: at,
  } as const;
  const signedTicket = { ticket, ...(await records.keys.sign('ticket', canonicalJson({ ...ticket }))) };
  const run = { tenant, runId };
  await records.storage.runs.admit(
    { ...run, requestDigest: digestOf('request', runId), signedTicket },
    recordOf('run-started', run, 'start', at, { ...agent, initiator, taskRef }),
  );
  const called = { turn: 0, model: 'rehearsal', rehearsal: true, inputTokens: 2140, outputTokens: 96, costMicroUsd: 0 };
  await records.storage.outbox.append([recordOf('model-called', run, 't0', at, called)]);
  const tools = [
    { name: 'invoices.list_messages', maxCalls: 10 },
    { name: 'invoices.schedule_payment', maxCalls: 25 },
  ];
  const expiresAt = new Date(clock.now() + 8 * 3_600_000).toISOString();
  const mandate = {
    tools,
    budget: { steps: 80, toolCalls: 240, tokens: 4_000_000, costMicroUsd: 0 },
    expiresAt,
    rationale: 'I will compare each invoice with its order, and pay what agrees.',
  };
  const seal = await records.keys.sign('mandate', canonicalJson({ ...mandate, tools: [...tools] }));
  await records.storage.mandates.freeze(
    { ...run, mandate, seal },
    recordOf('mandate-frozen', run, 'mandate', at, { tools, expiresAt }),
  );
}

export interface SeededApproval {
  readonly runId: string;
  readonly index?: number;
  readonly tool?: string;
  readonly args?: JsonObject;
  readonly reasons?: readonly Reason[];
  readonly facts?: Readonly<Record<string, boolean>>;
  readonly requirement?: Partial<ApprovalRequirement>;
  readonly initiator?: string;
  readonly ttlSeconds?: number;
  readonly risk?: RiskTier;
  /** As an older version opened it, and its sheet is gone from the store. */
  readonly sheet?: 'lost';
}

/** An action that policy asked about: envelope and sheet stored under their digests, decision and question recorded. */
export async function seedApproval(
  { records, clock }: Pick<PagesSite, 'records' | 'clock'>,
  seeded: SeededApproval,
): Promise<ApprovalRow> {
  const {
    runId,
    index = 0,
    tool = 'invoices.schedule_payment',
    args = payment,
    initiator = 'initiator',
    ttlSeconds = 14_400,
    risk = 'high',
  } = seeded;
  const reasons = seeded.reasons ?? [
    { rule: 'payments.over-limit', message: 'The amount is above the 5,000 EUR that this agent may pay alone.' },
  ];
  const callId = callIdOf(4, index);
  const times = {
    createdAt: new Date(clock.now()).toISOString(),
    expiresAt: new Date(clock.now() + ttlSeconds * 1_000).toISOString(),
  };
  const facts = seeded.facts ?? { ibanOfSupplier: true, matchesOrder: true, notDuplicate: true };
  const sheet: ActionSheet = {
    tool,
    effect: 'irreversible',
    ...agent,
    onBehalfOf: initiator,
    rows: sheetRows(args, roles),
    reasons,
    facts,
    records: [{ label: 'supplier', json: '"Helvaris Präzisionsteile GmbH"' }],
  };
  const renderHash = digestOf('render', stored(sheet));
  const envelope: ActionEnvelope = {
    v: 1,
    tenant,
    ...agent,
    workflowId: `${tenant}/${runId}`,
    runId,
    callId,
    kind: 'tool-call',
    tool,
    toolPin: digest,
    args,
    labelsDigest: digest,
    onBehalfOf: initiator,
    credentialScope: 'invoices',
    risk,
    preconditions: {},
    askedUnderPolicy: digest,
    renderHash,
    ...times,
    nonce: randomBytes(16).toString('hex'),
  };
  const actionDigest = digestOf('action', stored(envelope));
  const envelopeRef = await records.blobs.put(tenant, 'envelope', stored(envelope));
  const row: ApprovalRow = {
    approvalId: `apr_${randomBytes(16).toString('hex')}`,
    tenant,
    runId,
    agent: agent.agent,
    callId,
    kind: 'tool-call',
    tool,
    state: 'pending',
    actionDigest,
    renderHash,
    envelopeRef,
    sheetRef:
      seeded.sheet === 'lost'
        ? parseBlobRef(`blob:${randomBytes(32).toString('hex')}`)
        : await records.blobs.put(tenant, 'sheet', stored(sheet)),
    risk,
    reasons,
    initiator,
    ownerGroup: 'ap-team',
    revision: 0,
    ...times,
    requirement: { quorum: 1, roles: ['approver'], ttlSeconds, stepUp: false, ...seeded.requirement },
  };
  const action = { callId, tool, envelopeRef, actionDigest };
  const decided = {
    ...action,
    kind: 'tool-call',
    point: 'proposal',
    decision: 'ask',
    reasons,
    policyDigest: digest,
  } as const;
  await records.storage.outbox.append([
    recordOf('action-decided', row, `${callId}/proposal`, times.createdAt, decided),
  ]);
  const opened = { ...action, approvalId: row.approvalId, expiresAt: times.expiresAt };
  const record = recordOf('approval-opened', row, row.approvalId, times.createdAt, opened);
  return records.storage.approvals.open(row, record, seeded.sheet === 'lost' ? undefined : summaryOf(sheet));
}

/** As it is stored: plain JSON. */
function stored(value: ActionSheet | ActionEnvelope): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}

/** A right that is lent for a week, as the API signs and stores it. */
export async function seedDelegation(
  { records, clock }: PagesSite,
  lent: Pick<Delegation, 'from' | 'to' | 'roles'>,
): Promise<Delegation> {
  const at = new Date(clock.now()).toISOString();
  const delegationId = `dlg_${randomBytes(16).toString('hex')}`;
  const ends = new Date(clock.now() + 7 * 86_400_000).toISOString();
  const delegation: Delegation = { v: 1, delegationId, tenant, ...lent, begins: at, ends, reason: 'Holiday.', at };
  const signed = { delegation, ...(await records.keys.sign('delegation', delegationText(delegation))) };
  const facts = { delegationId, ...lent, begins: at, ends };
  const record = recordOf('approvals-delegated', { tenant, runId: '' }, delegationId, at, facts);
  await records.storage.delegations.lend(signed, 20, record);
  return delegation;
}
