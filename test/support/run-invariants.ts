import { expect } from 'vitest';
import type { Records } from '../../src/main/records.ts';
import type { StoredRecord } from '../../src/ports/audit-outbox.port.ts';
import type { LedgerRow } from '../../src/ports/effect-ledger.port.ts';
import type { FakeMcpServer } from '../fakes/mcp-server.ts';

/**
 * What holds of every run, however it went: no effect without an allow, each approval spent by one effect and only
 * after a genuine verdict, each key with one digest, and, once the run has ended, an end for every reservation.
 * With the tool server, also that nothing reached a tool but what the ledger knows.
 */
export async function assertRunInvariants(records: Records, runId: string, server?: FakeMcpServer): Promise<void> {
  const { outbox, ledger, runs } = records.storage;
  const log = await outbox.ofRun('default', runId, 0, 10_000);
  const effects = await ledger.ofRun('default', runId);
  const run = await runs.find('default', runId);
  for (const effect of effects) {
    assertDecided(log, effect);
    assertOneEnd(log, effect);
    if (run?.closed !== undefined) expect(effect.state, `${effect.key} has an end`).not.toBe('reserved');
    if (effect.approvalId !== undefined) await assertApproved(records, effect, effect.approvalId);
  }
  assertSpentOnce(effects);
  assertOneDigest(log, effects);
  assertUnbroken(log);
  if (server !== undefined) assertNothingBeside(server, runId, effects);
}

const callOf = (effect: LedgerRow) => effect.key.split('/').at(-1) ?? '';
const about = (log: readonly StoredRecord[], effect: LedgerRow) =>
  log.filter(({ body }) => body['callId'] === callOf(effect));

/** Before the reservation somebody decided exactly this, and the last word before it was an allow. */
function assertDecided(log: readonly StoredRecord[], effect: LedgerRow): void {
  const records = about(log, effect);
  const reserved = records.filter(({ kind }) => kind === 'effect-reserved');
  expect(reserved, `${effect.key} is reserved once`).toHaveLength(1);
  const position = reserved[0]?.position ?? 0;
  const decided = records.filter((record) => record.kind === 'action-decided' && record.position < position);
  const last = decided.at(-1)?.body;
  expect(last, `${effect.key} was allowed`).toMatchObject({ decision: 'allow', actionDigest: effect.actionDigest });
}

function assertOneEnd(log: readonly StoredRecord[], effect: LedgerRow): void {
  const ends = about(log, effect)
    .map(({ kind }) => kind)
    .filter((kind) => ['effect-landed', 'effect-did-not-happen', 'effect-in-doubt'].includes(kind));
  const last = effect.state === 'reserved' ? [] : [`effect-${effect.state}`];
  const before = ends.length === 2 ? ['effect-in-doubt'] : [];
  expect(ends, `${effect.key} ends as its records say`).toEqual([...before, ...last]);
}

async function assertApproved({ storage }: Records, effect: LedgerRow, approvalId: string): Promise<void> {
  const approval = await storage.approvals.find('default', approvalId);
  expect(approval).toMatchObject({ state: 'consumed', runId: effect.runId, actionDigest: effect.actionDigest });
  const verdicts = await storage.approvals.verdicts('default', approvalId);
  const approvers = new Set(
    verdicts.filter(({ signed }) => signed.verdict.verdict === 'approve').map(({ signed }) => signed.verdict.approver),
  );
  expect(approvers.size, `${effect.key} has its quorum`).toBeGreaterThanOrEqual(approval?.requirement.quorum ?? 1);
  expect(approvers.has(approval?.initiator ?? '')).toBe(false);
}

function assertSpentOnce(effects: readonly LedgerRow[]): void {
  const spent = effects.flatMap(({ approvalId }) => approvalId ?? []);
  expect(new Set(spent).size, 'each approval is spent once').toBe(spent.length);
}

function assertOneDigest(log: readonly StoredRecord[], effects: readonly LedgerRow[]): void {
  const digests = new Map<string, Set<string>>();
  const add = (callId: unknown, digest: unknown) => {
    if (typeof callId !== 'string' || typeof digest !== 'string') return;
    digests.set(callId, (digests.get(callId) ?? new Set()).add(digest));
  };
  // what was refused may be anybody's forgery
  const taken = log.filter(({ kind, body }) => kind.startsWith('effect-') || body['decision'] === 'allow');
  for (const { body } of taken) add(body['callId'], body['actionDigest']);
  for (const effect of effects) add(callOf(effect), effect.actionDigest);
  for (const [callId, seen] of digests) expect([...seen], `${callId} has one digest`).toHaveLength(1);
}

/** Positions grow, and no record is written twice. */
function assertUnbroken(log: readonly StoredRecord[]): void {
  expect(new Set(log.map(({ recordKey }) => recordKey)).size).toBe(log.length);
  const positions = log.map(({ position }) => position);
  expect(positions).toEqual([...positions].sort((left, right) => left - right));
}

/** Relations and probes are questions of the engine itself; everything else that ran at a tool is in the ledger. */
function assertNothingBeside(server: FakeMcpServer, runId: string, effects: readonly LedgerRow[]): void {
  const known = new Map(effects.map((effect) => [effect.key, effect]));
  for (const { headers, tool, args } of server.calls) {
    const key = headers['idempotency-key'] ?? '';
    if (headers['countersign-run-id'] !== runId || key.includes('/relation') || args['key'] === key) continue;
    expect(known.get(key)?.tool, `${tool} was called with a reserved key`).toBe(`desk.${tool}`);
  }
}
