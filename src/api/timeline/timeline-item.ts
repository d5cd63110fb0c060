import { storedEnvelopeSchema, storedTaskSchema } from '../../contracts/http/stored-action.schema.ts';
import type { TimelineItem } from '../../contracts/http/timeline.schema.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { type PublicEvent, publicEvents } from '../../domain/audit-record.ts';
import { rungsOf } from '../../domain/escalation.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { RecordBodies } from '../../domain/record-bodies.ts';
import type { ApprovalStore, StoredVerdict } from '../../ports/approval-store.port.ts';
import type { StoredRecord } from '../../ports/audit-outbox.port.ts';
import { type BlobStore, parseBlobRef } from '../../ports/blob-store.port.ts';
import type { MandateStore } from '../../ports/run-store.port.ts';
import { readAnswer } from '../runs/run-view.ts';

export interface TimelineSources {
  readonly approvals: ApprovalStore;
  readonly mandates: MandateStore;
  readonly blobs: BlobStore;
}

type PublicRecord = {
  [Kind in PublicEvent]: Omit<StoredRecord, 'kind' | 'body'> & {
    readonly kind: Kind;
    readonly body: RecordBodies[Kind];
  };
}[PublicEvent];

/** Our own outbox wrote the body for its kind. */
function isPublic(record: object): record is PublicRecord {
  return 'kind' in record && publicEvents.some((kind) => kind === record.kind);
}

/** A record as people read it, with the content behind its references; undefined for records that are not public. */
export async function timelineItem(sources: TimelineSources, record: StoredRecord): Promise<TimelineItem | undefined> {
  return isPublic(record) ? itemOf(sources, record) : undefined;
}

async function itemOf(sources: TimelineSources, record: PublicRecord): Promise<TimelineItem> {
  const base = { position: record.position, at: record.occurredAt, runId: record.runId };
  switch (record.kind) {
    case 'run-started': {
      const { agent, agentVersion, initiator, taskRef } = record.body;
      return {
        ...base,
        event: record.kind,
        agent,
        agentVersion,
        initiator,
        task: await taskOf(sources, record.tenant, taskRef),
      };
    }
    case 'mandate-frozen': {
      const sealed = await sources.mandates.find(record.tenant, record.runId);
      const tools = record.body.tools.map(({ name, maxCalls }) => ({ name, maxCalls }));
      return {
        ...base,
        event: record.kind,
        tools,
        expiresAt: record.body.expiresAt,
        rationale: sealed?.mandate.rationale ?? '',
      };
    }
    case 'model-called': {
      const { turn, model, rehearsal, inputTokens, outputTokens, costMicroUsd } = record.body;
      return { ...base, event: record.kind, turn, model, rehearsal, inputTokens, outputTokens, costMicroUsd };
    }
    case 'action-decided': {
      const { kind, point, actionDigest, decision, code, reasons, policyDigest } = record.body;
      const decided = {
        kind,
        point,
        actionDigest,
        decision,
        ...(code !== undefined && { code }),
        reasons: [...reasons],
        policyDigest,
      };
      return { ...base, event: record.kind, ...(await actionOf(sources, record)), ...decided };
    }
    case 'approval-opened':
      return {
        ...base,
        event: record.kind,
        ...(await actionOf(sources, record)),
        ...(await questionOf(sources, record.tenant, record.body)),
      };
    case 'verdict-given': {
      const { approvalId, verdictId, by, delegation, verdict } = record.body;
      const answer = await answerOf(sources, record.tenant, approvalId, verdictId);
      return {
        ...base,
        event: record.kind,
        ...(await actionOf(sources, record)),
        approvalId,
        verdictId,
        by,
        ...(delegation && { delegation }),
        verdict,
        ...answer,
      };
    }
    case 'approval-closed': {
      const { approvalId, state } = record.body;
      return { ...base, event: record.kind, ...(await actionOf(sources, record)), approvalId, state };
    }
    case 'effect-landed': {
      const { approvalId, outcome } = record.body;
      return {
        ...base,
        event: record.kind,
        ...(await actionOf(sources, record)),
        ...(approvalId !== undefined && { approvalId }),
        outcome,
      };
    }
    case 'effect-in-doubt':
      return { ...base, event: record.kind, ...(await actionOf(sources, record)) };
    case 'run-closed': {
      const { state, failure, outputRef } = record.body;
      const output =
        outputRef === undefined
          ? undefined
          : { text: await readAnswer(sources.blobs, record.tenant, parseBlobRef(outputRef)) };
      return {
        ...base,
        event: record.kind,
        state,
        ...(failure && { failure: { ...failure } }),
        ...(output && { output }),
      };
    }
    default:
      return assertNever(record);
  }
}

async function taskOf({ blobs }: TimelineSources, tenant: string, ref: string): Promise<string> {
  return storedTaskSchema.parse(await blobs.get(tenant, 'task', parseBlobRef(ref))).task;
}

async function actionOf(
  { blobs }: TimelineSources,
  {
    tenant,
    body,
  }: {
    readonly tenant: string;
    readonly body: { readonly callId: string; readonly tool: string; readonly envelopeRef: string };
  },
): Promise<{ readonly callId: string; readonly tool: string; readonly args: JsonObject }> {
  const { callId, tool, envelopeRef } = body;
  // A reservation that the end of a run left in doubt is known by its key only.
  if (envelopeRef === '') return { callId, tool, args: {} };
  const stored = await blobs.get(tenant, 'envelope', parseBlobRef(envelopeRef));
  return { callId, tool, args: storedEnvelopeSchema.parse(stored).args };
}

async function questionOf({ approvals }: TimelineSources, tenant: string, body: RecordBodies['approval-opened']) {
  const { approvalId, actionDigest, expiresAt } = body;
  const row = await approvals.find(tenant, approvalId);
  const { quorum, roles } = row?.requirement ?? { quorum: 1, roles: [] };
  const rungs = row === undefined ? [] : rungsOf(row.requirement, row);
  return {
    approvalId,
    actionDigest,
    expiresAt,
    reasons: [...(row?.reasons ?? [])],
    quorum: { needed: quorum, roles: [...roles] },
    ...(rungs.length > 0 && { widen: rungs.map((rung) => ({ at: rung.at, roles: [...rung.roles] })) }),
  };
}

/** What the record of a verdict does not hold: the giver's words, and whether he has taken it back since. */
async function answerOf(
  { approvals }: TimelineSources,
  tenant: string,
  approvalId: string,
  verdictId: string,
): Promise<{ readonly reason?: string; readonly withdrawnAt?: string }> {
  const isIt = ({ signed }: StoredVerdict) => signed.verdict.verdictId === verdictId;
  const standing = (await approvals.verdicts(tenant, approvalId)).find(isIt);
  const withdrawn =
    standing === undefined ? (await approvals.withdrawnVerdicts(tenant, approvalId)).find(isIt) : undefined;
  const reason = (standing ?? withdrawn)?.signed.verdict.reason ?? '';
  return {
    ...(reason !== '' && { reason }),
    ...(withdrawn !== undefined && { withdrawnAt: withdrawn.withdrawn.withdrawal.at }),
  };
}
