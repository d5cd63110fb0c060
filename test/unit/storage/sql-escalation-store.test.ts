import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEscalationPump } from '../../../src/api/escalation/escalation-pump.ts';
import type { ApprovalRequirement } from '../../../src/domain/decision.ts';
import { rolesAt } from '../../../src/domain/escalation.ts';
import type { InboxViewer } from '../../../src/ports/approval-inbox.port.ts';
import type { ApprovalRow } from '../../../src/ports/approval-store.port.ts';
import type { EscalationStore } from '../../../src/ports/escalation-store.port.ts';
import { eventually } from '../../support/eventually.ts';
import { manualClock } from '../api/manual-clock.ts';
import { quietApiLog } from '../api/quiet-api-log.ts';
import { admit, approvalOf, at, later, type OpenedStorage, openStorage, recordOf } from './storage-fixture.ts';

let storage: OpenedStorage;
let count = 0;
beforeAll(async () => {
  storage = await openStorage();
}, 60_000);
afterAll(() => storage.end());

const ladder: ApprovalRequirement = {
  quorum: 1,
  roles: ['approver'],
  ttlSeconds: 3_600,
  stepUp: false,
  widen: [
    { afterSeconds: 600, roles: ['lead'] },
    { afterSeconds: 1_200, roles: ['board', 'treasury'] },
  ],
};

async function opened(tenant: string, change: Partial<ApprovalRow> = {}): Promise<ApprovalRow> {
  count += 1;
  const runId = `ladder-${count}`;
  await admit(storage, runId, tenant);
  const approvalId = `apr_${count.toString(16).padStart(32, '0')}`;
  const row = approvalOf(runId, { tenant, approvalId, requirement: ladder, ...change });
  return storage.approvals.open(row, recordOf(runId, 'approval-opened', 'open', tenant));
}

const viewerOf = (...roles: readonly string[]): InboxViewer => ({ kind: 'person', subject: 'lea', roles, groups: [] });

async function asked(tenant: string, roles: readonly string[], now: string): Promise<readonly string[]> {
  const viewer = viewerOf(...roles);
  const read = { tenant, viewer, filter: { asked: 'me' as const }, now };
  const { entries } = await storage.inbox.read(read, { limit: 50 });
  const counts = await storage.inbox.count({ ...read, filter: {} }, later(9_999));
  const counted = counts.filter(({ askedOfViewer }) => askedOfViewer).reduce((sum, row) => sum + row.count, 0);
  const { items } = await storage.approvals.list(tenant, { limit: 50, viewer, now });
  expect([counted, items.length]).toEqual([entries.length, entries.length]);
  return entries.map(({ approvalId }) => approvalId);
}

const widened = async ({ tenant, runId }: ApprovalRow) =>
  (await storage.outbox.ofRun(tenant, runId, 0, 100)).filter(({ kind }) => kind === 'approval-widened');

function pumpAt(seconds: number, store: (real: EscalationStore) => EscalationStore = (real) => real) {
  const clock = manualClock(Date.parse(later(seconds)));
  const log = quietApiLog();
  return {
    clock,
    log,
    pump: createEscalationPump({ escalations: store(storage.escalations), clock, log, everyMs: 5 }),
  };
}

/** What one start of the process writes down. */
async function oneRun(seconds: number): Promise<void> {
  const { pump } = pumpAt(seconds);
  pump.begin();
  await eventually(
    async () => ((await storage.escalations.reached(later(seconds), 1)).length === 0 ? true : undefined),
    'all that is due',
  );
  await pump.stop();
}

describe('who is asked', () => {
  test('by the lists are those of the opening until the rung, and the next roles from then on', async () => {
    const row = await opened('lists');
    expect(await asked('lists', ['lead'], later(599.999))).toEqual([]);
    expect(await asked('lists', ['lead'], later(600))).toEqual([row.approvalId]);
    expect(await asked('lists', ['treasury'], later(1_199.999))).toEqual([]);
    expect(await asked('lists', ['treasury'], later(1_200))).toEqual([row.approvalId]);
    expect(await asked('lists', ['approver'], at)).toEqual([row.approvalId]);
    expect(await asked('lists', ['auditor'], later(3_599))).toEqual([]);
    const { entries } = await storage.inbox.read(
      { tenant: 'lists', viewer: viewerOf('lead'), filter: {}, now: later(599.999) },
      { limit: 1 },
    );
    expect(entries[0]?.viewer.hasRole).toBe(false);
  });

  test('in SQL is what the domain says, at every moment', async () => {
    const roles = fc.subarray(['approver', 'lead', 'board'], { minLength: 1 });
    const requirements = fc
      .record({
        roles,
        widen: fc.array(fc.record({ afterSeconds: fc.integer({ min: 1, max: 30 }), roles }), { maxLength: 3 }),
      })
      .map((change): ApprovalRequirement => ({ ...ladder, ...change }));
    await fc.assert(
      fc.asyncProperty(requirements, roles, fc.nat({ max: 31_000 }), async (requirement, viewer, ms) => {
        const now = later(ms / 1_000);
        const tenant = `law-${count}`;
        await opened(tenant, { requirement });
        const counting = rolesAt(requirement, at, now);
        expect(await asked(tenant, viewer, now)).toHaveLength(viewer.some((role) => counting.includes(role)) ? 1 : 0);
      }),
      { numRuns: 60 },
    );
  });

  test('is still known of a row whose summary is written again', async () => {
    const row = await opened('again');
    await storage.inbox.summarise('again', row.approvalId, undefined);
    expect(await asked('again', ['lead'], later(599))).toEqual([]);
    expect(await asked('again', ['lead'], later(600))).toEqual([row.approvalId]);
    await oneRun(600);
    expect(await widened(row)).toHaveLength(1);
  });
});

describe('a rung that is reached', () => {
  test('is recorded once, at its time and not before, with ids and roles alone, and is news', async () => {
    const row = await opened('reached');
    const before = await storage.inbox.position();
    await oneRun(599.999);
    expect(await widened(row)).toEqual([]);
    await oneRun(600);
    await oneRun(700);
    const [record, ...more] = await widened(row);
    expect(more).toEqual([]);
    const { approvalId, callId, tool, envelopeRef, actionDigest } = row;
    const facts = { approvalId, callId, tool, envelopeRef, actionDigest };
    expect(record?.body).toEqual({ ...facts, roles: ['lead'], since: later(600) });
    const news = await storage.inbox.news('reached', before, 10);
    expect(news.map(({ kind, approvalId }) => [kind, approvalId])).toEqual([['approval-widened', row.approvalId]]);
    await oneRun(3_599);
    expect((await widened(row)).map(({ body }) => body['roles'])).toEqual([['lead'], ['board', 'treasury']]);
  });

  test('while nothing ran is recorded by the next start, each rung for itself', async () => {
    const row = await opened('down');
    await oneRun(3_000);
    expect((await widened(row)).map(({ body }) => body['since'])).toEqual([later(600), later(1_200)]);
  });

  test('is recorded once though two processes come to it at once', async () => {
    const rows = await Promise.all(Array.from({ length: 8 }, () => opened('two')));
    await Promise.all([oneRun(600), oneRun(600)]);
    for (const row of rows) expect(await widened(row)).toHaveLength(1);
    await oneRun(3_599);
  });

  test('is recorded by the next round when the one before broke off', async () => {
    const row = await opened('broken');
    let broken = false;
    const { pump, log } = pumpAt(600, (real) => ({
      ...real,
      widen: (rung, record) => {
        if (broken) return real.widen(rung, record);
        broken = true;
        return Promise.reject(new Error('the database is gone'));
      },
    }));
    pump.begin();
    await eventually(async () => ((await widened(row)).length === 1 ? true : undefined), 'the record');
    await pump.stop();
    expect(log.events).toContain('approval-not-widened');
    await oneRun(3_599);
  });

  test('is recorded also when the one before it cannot be, and that one is not tried without a pause', async () => {
    const [lost, kept] = [await opened('lost'), await opened('kept')];
    let tries = 0;
    const { pump } = pumpAt(600, (real) => ({
      ...real,
      // as a row would be whose time no rung has
      widen: (rung, record) => {
        if (rung.approvalId !== lost.approvalId) return real.widen(rung, record);
        tries += 1;
        return tries === 1 ? Promise.reject(new Error('it cannot be sealed')) : Promise.resolve(false);
      },
    }));
    pump.begin();
    await eventually(async () => ((await widened(kept)).length === 1 ? true : undefined), 'the record');
    const [before, begun] = [tries, performance.now()];
    await pause(200);
    await pump.stop();
    // rounds are 5 ms apart here
    expect(tries - before).toBeLessThanOrEqual((performance.now() - begun) / 4 + 2);
    expect(await widened(lost)).toEqual([]);
    await oneRun(3_599);
  });

  test.each([
    [
      'closed',
      async (row: ApprovalRow) => void (await storage.approvals.close(row.tenant, row.approvalId, 'rejected', at, [])),
    ],
    ['over', async () => undefined],
  ])('of a question that is %s asks nobody, and is not recorded', async (what, end) => {
    const row = await opened(`ended-${what}`);
    await end(row);
    await oneRun(what === 'over' ? 3_600 : 600);
    expect(await widened(row)).toEqual([]);
    expect(
      await storage.escalations.widen({ ...row, since: later(7) }, recordOf(row.runId, 'approval-widened', 'x')),
    ).toBe(false);
  });

  test('never comes where the question ends before', async () => {
    const row = await opened('short', { expiresAt: later(1_200) });
    await oneRun(1_199);
    expect((await widened(row)).map(({ body }) => body['roles'])).toEqual([['lead']]);
  });
});
