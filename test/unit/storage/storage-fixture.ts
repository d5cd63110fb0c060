import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileKeys } from '../../../src/adapters/keys-file/open-file-keys.ts';
import { createSqlStorage, type SqlStorage } from '../../../src/adapters/storage-sql/create-sql-storage.ts';
import {
  type EmbeddedDatabase,
  openEmbeddedDatabase,
} from '../../../src/adapters/storage-sql/open-embedded-database.ts';
import type { SignedVerdict, VerdictKind } from '../../../src/domain/approval.ts';
import type { AuditKind, AuditRecord } from '../../../src/domain/audit-record.ts';
import type { SignedTicket } from '../../../src/domain/ticket.ts';
import type { ApprovalRow } from '../../../src/ports/approval-store.port.ts';
import type { Reservation } from '../../../src/ports/effect-ledger.port.ts';
import type { KeyService } from '../../../src/ports/key-service.port.ts';

export interface OpenedStorage extends SqlStorage {
  readonly folder: string;
  readonly database: EmbeddedDatabase;
  readonly keys: KeyService;
  end(): Promise<void>;
}

export const at = '2026-03-01T10:00:00.000Z';
export const later = (seconds: number) => new Date(Date.parse(at) + seconds * 1000).toISOString();
export const ref = (digit: string) => `blob:${digit.repeat(64)}` as const;
export const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

/** Templates of the data folder are kept here between test runs. */
export const cacheFolder = join(tmpdir(), 'countersign-test-cache');

export async function openStorage(folder?: string): Promise<OpenedStorage> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'countersign-storage-')));
  const keys = await openFileKeys(join(home, 'keys'));
  const database = await openEmbeddedDatabase(join(home, 'database'), { cacheFolder, durability: 'process' });
  return {
    folder: home,
    database,
    keys,
    ...createSqlStorage({ db: database.db, keys }),
    async end() {
      await database.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export function recordOf(runId: string, kind: AuditKind, name: string, tenant = 'default'): AuditRecord {
  return { recordKey: `${tenant}/${runId}/${kind}/${name}`, tenant, runId, kind, occurredAt: at, body: { name } };
}

export function ticketOf(runId: string, tenant = 'default', issuedAt = at): SignedTicket {
  return {
    ticket: {
      v: 1,
      tenant,
      runId,
      agent: 'invoice-desk',
      agentVersion: 1,
      manifestDigest: digest('1'),
      taskRef: ref('2'),
      taskAuthority: 'principal',
      initiator: 'anna@example.test',
      initiatorKind: 'person',
      issuedAt,
    },
    keyId: 'ticket-1-00000000',
    signature: 'signature',
  };
}

export function admit(storage: SqlStorage, runId: string, tenant = 'default', issuedAt = at) {
  const admission = { tenant, runId, requestDigest: digest('3'), signedTicket: ticketOf(runId, tenant, issuedAt) };
  return storage.runs.admit(admission, recordOf(runId, 'run-started', 'start', tenant));
}

export function reservationOf(runId: string, callId: string, change: Partial<Reservation> = {}): Reservation {
  return {
    key: `default/${runId}/${callId}`,
    tenant: 'default',
    runId,
    tool: 'invoices.schedule_payment',
    actionDigest: digest('a'),
    nonces: [],
    limits: { tool: 100, total: 100 },
    at,
    ...change,
  };
}

export function approvalOf(runId: string, change: Partial<ApprovalRow> = {}): ApprovalRow {
  return {
    approvalId: `apr_${'0'.repeat(32)}`,
    tenant: 'default',
    runId,
    agent: 'invoice-desk',
    callId: 't1.0',
    kind: 'tool-call',
    tool: 'invoices.schedule_payment',
    state: 'pending',
    actionDigest: digest('a'),
    renderHash: digest('b'),
    envelopeRef: ref('c'),
    sheetRef: ref('d'),
    risk: 'high',
    reasons: [{ rule: 'over-limit', message: 'The amount is over the limit.' }],
    requirement: { quorum: 1, roles: ['approver'], ttlSeconds: 3600, stepUp: false },
    initiator: 'anna@example.test',
    ownerGroup: 'ap-team',
    createdAt: at,
    expiresAt: later(3600),
    revision: 0,
    ...change,
  };
}

export function verdictOf(
  approval: ApprovalRow,
  approver: string,
  verdictId: string,
  verdict: VerdictKind = 'approve',
): SignedVerdict {
  return {
    verdict: {
      v: 1,
      verdictId,
      approvalId: approval.approvalId,
      tenant: approval.tenant,
      actionDigest: approval.actionDigest,
      renderHash: approval.renderHash,
      verdict,
      approver,
      roles: ['approver'],
      groups: [],
      acr: 'dev',
      nonce: `nonce-${verdictId}`,
      at,
      reason: 'looks right',
    },
    keyId: 'verdict-1-00000000',
    signature: 'signature',
  };
}
