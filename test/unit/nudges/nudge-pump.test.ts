import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NudgePump } from '../../../src/api/nudges/nudge-pump.ts';
import { maxNudgeAttempts } from '../../../src/api/nudges/send-nudge.ts';
import type { ApprovalRow } from '../../../src/ports/approval-store.port.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../fakes/webhook-receiver.ts';
import { eventually } from '../../support/eventually.ts';
import { type OpenedStorage, openStorage } from '../storage/storage-fixture.ts';
import { webhookTo } from './nudge-fixture.ts';
import { ask, close, forget, type NudgeHouseOptions, nudgeHouse, rounds, toldOf } from './nudge-house.ts';

const roles = { approver: ['chat'] };
let storage: OpenedStorage;
let receiver: WebhookReceiver;
let pumps: NudgePump[] = [];

beforeAll(async () => {
  storage = await openStorage();
});
afterAll(() => storage.end());
beforeEach(async () => {
  receiver = await startWebhookReceiver();
});
afterEach(async () => {
  await Promise.all(pumps.map((pump) => pump.stop()));
  pumps = [];
  await receiver.close();
  await forget(storage);
});

function begin(options: Partial<NudgeHouseOptions> = {}) {
  const house = nudgeHouse(storage, { channels: [webhookTo(receiver.url)], roles, ...options });
  const start = (store?: NudgeHouseOptions['store']) => {
    const pump = house.pump(store);
    pumps.push(pump);
    pump.begin();
    return pump;
  };
  return { ...house, start };
}

const occasions = () => toldOf(receiver).map(({ occasion }) => occasion);
const received = (number: number) =>
  eventually(async () => (receiver.received.length >= number ? true : undefined), `${number} requests`);
const recordsOf = async ({ runId }: ApprovalRow) =>
  (await storage.outbox.ofRun('default', runId, 0, 100)).filter(({ kind }) => kind.startsWith('nudge-'));
const settled = (row: ApprovalRow) =>
  eventually(async () => ((await recordsOf(row)).length > 0 ? true : undefined), 'a record of the nudge');

describe('who may answer', () => {
  test('is told once of a question, with a record of it', async () => {
    const row = await ask(storage);
    begin().start();
    await settled(row);
    await rounds();
    expect(toldOf(receiver)).toMatchObject([
      {
        occasion: 'opened',
        approvalId: row.approvalId,
        url: `https://countersign.example.test/approvals/${row.approvalId}`,
      },
    ]);
    expect(await recordsOf(row)).toMatchObject([
      { kind: 'nudge-sent', body: { approvalId: row.approvalId, channel: 'chat', medium: 'webhook', attempts: 1 } },
    ]);
  });

  test('is reminded once, when a quarter of the time is left', async () => {
    await ask(storage);
    const { clock, start } = begin();
    start();
    await received(1);
    clock.advance(2_699_000);
    await rounds();
    expect(occasions()).toEqual(['opened']);
    clock.advance(1_000);
    await received(2);
    clock.advance(600_000);
    await rounds();
    expect(occasions()).toEqual(['opened', 'reminder']);
  });

  test('gets one message and not two where the time is almost over already', async () => {
    await ask(storage);
    const { clock, start } = begin();
    clock.advance(3_000_000);
    start();
    await received(1);
    await rounds();
    expect(occasions()).toEqual(['reminder']);
  });

  test('is told nothing of a question that is closed or over', async () => {
    await close(storage, await ask(storage), 'rejected', 1);
    await ask(storage);
    const { clock, start } = begin();
    clock.advance(3_600_000);
    start();
    await rounds();
    expect(receiver.received).toEqual([]);
  });

  test('is told nothing more once the question is answered, though an attempt had failed', async () => {
    receiver.answer({ status: 500 });
    const row = await ask(storage);
    const { clock, start } = begin();
    start();
    await received(1);
    await close(storage, row, 'rejected', 1);
    clock.advance(60_000);
    await rounds();
    expect(receiver.received).toHaveLength(1);
    expect(await recordsOf(row)).toEqual([]);
    expect(await storage.nudges.standing('default')).toMatchObject({ due: 0, sent: 0 });
  });

  test('is told once though he has two of the roles', async () => {
    const requirement = { quorum: 1, roles: ['approver', 'lead'], ttlSeconds: 3_600, stepUp: false };
    const row = await ask(storage, { requirement });
    begin({ roles: { approver: ['chat'], lead: ['chat'] } }).start();
    await settled(row);
    await rounds();
    expect(receiver.received).toHaveLength(1);
  });
});

describe('the next roles', () => {
  const requirement = {
    quorum: 1,
    roles: ['approver'],
    ttlSeconds: 3_600,
    stepUp: false,
    widen: [
      { afterSeconds: 600, roles: ['lead'] },
      { afterSeconds: 1_200, roles: ['board'] },
    ],
    remindSeconds: 1_800,
  };
  const ladder = { approver: ['chat'], lead: ['pager'], board: ['pager'] };

  async function withPager(work: (pager: WebhookReceiver, house: ReturnType<typeof begin>) => Promise<void>) {
    const pager = await startWebhookReceiver();
    try {
      const channels = [webhookTo(receiver.url), webhookTo(pager.url, 'pager')];
      await work(pager, begin({ channels, roles: ladder }));
    } finally {
      await Promise.all(pumps.map((pump) => pump.stop()));
      await pager.close();
    }
  }
  const all = (pager: WebhookReceiver) => toldOf(pager).map(({ occasion }) => occasion);

  test('are told when they are asked, one message a rung, and everybody is reminded when policy says', async () => {
    const row = await ask(storage, { requirement });
    await withPager(async (pager, { clock, start }) => {
      start();
      await received(1);
      clock.advance(599_000);
      await rounds();
      expect(pager.received).toEqual([]);
      clock.advance(1_000);
      await rounds();
      clock.advance(600_000);
      await rounds();
      expect(all(pager)).toEqual(['widened', 'widened']);
      expect(new Set(toldOf(pager).map(({ nudgeId }) => nudgeId)).size).toBe(2);
      clock.advance(599_000);
      await rounds();
      expect(occasions()).toEqual(['opened']);
      clock.advance(1_000);
      await rounds();
      clock.advance(1_700_000);
      await rounds();
      expect(occasions()).toEqual(['opened', 'reminder']);
      expect(all(pager)).toEqual(['widened', 'widened', 'reminder']);
      expect((await recordsOf(row)).map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'nudge-sent'));
    });
  });

  test('hear nothing of a question that was closed before their time', async () => {
    const row = await ask(storage, { requirement });
    await withPager(async (pager, { clock, start }) => {
      start();
      await received(1);
      await close(storage, row, 'rejected', 1);
      clock.advance(600_000);
      await rounds();
      expect(pager.received).toEqual([]);
    });
  });

  test('whose time came while nothing ran get the reminder alone where that is due as well', async () => {
    await ask(storage, { requirement });
    await withPager(async (pager, { clock, start }) => {
      clock.advance(2_000_000);
      start();
      await received(1);
      await rounds();
      expect([occasions(), all(pager)]).toEqual([['reminder'], ['reminder']]);
    });
  });

  test('that are asked after the reminder are told that they are', async () => {
    await ask(storage, { requirement: { ...requirement, remindSeconds: 60 } });
    await withPager(async (pager, { clock, start }) => {
      start();
      await received(1);
      clock.advance(60_000);
      await received(2);
      clock.advance(540_000);
      await rounds();
      expect([occasions(), all(pager)]).toEqual([['opened', 'reminder'], ['widened']]);
    });
  });
});

describe('the owner of the agent', () => {
  const owners = { 'ap-team': ['chat'] };

  test('is alarmed once, before the end, and told once more when it has ended', async () => {
    const row = await ask(storage);
    const { clock, start } = begin({ roles: {}, owners });
    start();
    await rounds();
    clock.advance(2_699_000);
    await rounds();
    expect(receiver.received).toEqual([]);
    clock.advance(1_000);
    await received(1);
    clock.advance(600_000);
    await rounds();
    await close(storage, row, 'expired', 3_600);
    clock.advance(300_000);
    await received(2);
    expect(occasions()).toEqual(['alarm', 'expired']);
    const [alarm] = receiver.received.map(({ body }) => (JSON.parse(body) as { readonly text: string }).text);
    expect(alarm).toContain('your agent');
    expect(alarm).toContain('somebody else has to answer');
  });

  test('is not alarmed besides over a channel that is reminded', async () => {
    await ask(storage);
    const { clock, start } = begin({ roles, owners });
    start();
    await received(1);
    clock.advance(2_700_000);
    await received(2);
    clock.advance(60_000);
    await rounds();
    expect(occasions()).toEqual(['opened', 'reminder']);
    expect(await storage.nudges.standing('default')).toMatchObject({ due: 0, sent: 2, unaddressed: 0 });
  });

  test('is not alarmed about what was answered', async () => {
    const row = await ask(storage);
    const { clock, start } = begin({ roles: {}, owners });
    start();
    await rounds();
    await close(storage, row, 'rejected', 1);
    clock.advance(2_700_000);
    await rounds();
    expect(receiver.received).toEqual([]);
  });

  test('is told of a question that nobody answered in time, and of no other', async () => {
    const expired = await ask(storage);
    const rejected = await ask(storage);
    const { clock, start } = begin({ roles: {}, owners });
    start();
    await rounds();
    await close(storage, expired, 'expired', 3_600);
    await close(storage, rejected, 'rejected', 3_600);
    clock.advance(3_600_000);
    await received(1);
    await rounds();
    expect(toldOf(receiver)).toMatchObject([{ occasion: 'expired', approvalId: expired.approvalId }]);
  });

  test('hears nothing of what expired more than a day ago', async () => {
    await close(storage, await ask(storage), 'expired', 3_600);
    const { clock, start } = begin({ roles: {}, owners });
    clock.advance(25 * 3_600_000);
    start();
    await rounds();
    expect(receiver.received).toEqual([]);
  });
});

describe('a receiver that fails', () => {
  test.each([[{ status: 500 }], ['silence']] as const)(
    'with %o is tried again later, with the same id',
    async (answer) => {
      receiver.answer(answer);
      const row = await ask(storage);
      const { clock, log, start } = begin();
      start();
      await eventually(async () => (log.events.includes('nudge-postponed') ? true : undefined), 'a failed attempt');
      await rounds();
      expect(receiver.received).toHaveLength(1);
      expect(await storage.nudges.standing('default')).toMatchObject({ due: 1, retrying: 1 });
      clock.advance(5_000);
      await settled(row);
      const [first, second] = toldOf(receiver);
      expect(second?.nudgeId).toBe(first?.nudgeId);
      expect(await recordsOf(row)).toMatchObject([{ kind: 'nudge-sent', body: { attempts: 2 } }]);
    },
  );

  test('is given up in the end, which is recorded and counted', async () => {
    receiver.answer(...Array.from({ length: 100 }, () => ({ status: 503 })));
    const row = await ask(storage, { expiresAt: '2026-03-09T10:00:00.000Z' });
    const { clock, log, start } = begin();
    start();
    for (let attempt = 1; attempt <= maxNudgeAttempts; attempt += 1) {
      await received(attempt);
      await rounds();
      clock.advance(15 * 60_000);
    }
    await settled(row);
    await rounds();
    expect(receiver.received).toHaveLength(maxNudgeAttempts);
    expect(await recordsOf(row)).toMatchObject([{ kind: 'nudge-failed', body: { code: 'http-503' } }]);
    expect(log.events).toContain('nudge-failed');
    expect(await storage.nudges.standing('default')).toMatchObject({
      due: 0,
      failed: 1,
      lastFailure: { channel: 'chat', code: 'http-503' },
    });
  });

  test('for good is not tried again', async () => {
    receiver.answer({ status: 302, headers: { location: 'http://127.0.0.1:1/' } });
    const row = await ask(storage);
    const { clock, start } = begin();
    start();
    await settled(row);
    clock.advance(600_000);
    await rounds();
    expect(receiver.received).toHaveLength(1);
    expect(await recordsOf(row)).toMatchObject([{ kind: 'nudge-failed', body: { code: 'redirected' } }]);
  });

  test('delays no other one', async () => {
    receiver.answer('silence');
    const other = await startWebhookReceiver();
    await ask(storage);
    const channels = [webhookTo(receiver.url), webhookTo(other.url, 'pager')];
    begin({ channels, roles: { approver: ['chat', 'pager'] } }).start();
    const standing = await eventually(async () => {
      const seen = await storage.nudges.standing('default');
      return seen.sent === 1 ? seen : undefined;
    }, 'the other one');
    expect(standing.due).toBe(1);
    await other.close();
  });
});

describe('a restart', () => {
  test('between sending and writing it down sends once more, under the same id, and then no more', async () => {
    const row = await ask(storage);
    const { clock, log, start } = begin();
    const first = start((nudges) => ({ ...nudges, settle: () => Promise.reject(new Error('the process is gone')) }));
    await eventually(async () => (log.events.includes('nudge-channel-failed') ? true : undefined), 'the crash');
    await first.stop();
    start();
    await rounds();
    expect(receiver.received).toHaveLength(1);
    clock.advance(60_000);
    await settled(row);
    clock.advance(600_000);
    await rounds();
    const ids = toldOf(receiver).map(({ nudgeId }) => nudgeId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(await recordsOf(row)).toHaveLength(1);
  });

  test('after writing it down sends nothing again', async () => {
    const row = await ask(storage);
    const { start } = begin();
    const first = start();
    await settled(row);
    await first.stop();
    start();
    await rounds();
    expect(receiver.received).toHaveLength(1);
  });

  test('sends what was due while nothing ran', async () => {
    const { start } = begin();
    await start().stop();
    const row = await ask(storage);
    start();
    await settled(row);
    expect(occasions()).toEqual(['opened']);
  });

  test('does not wait for a receiver that does not answer', async () => {
    receiver.answer('silence');
    await ask(storage);
    const { start } = begin();
    const pump = start();
    await received(1);
    const began = Date.now();
    await pump.stop();
    expect(Date.now() - began).toBeLessThan(1_900);
  });
});

test('two pumps over the same rows send everything once', async () => {
  const rows = await Promise.all(Array.from({ length: 12 }, () => ask(storage)));
  const { start } = begin();
  start();
  start();
  await Promise.all(rows.map(settled));
  await rounds();
  expect(receiver.received).toHaveLength(rows.length);
});

test('who has a channel only after a change of the file is told then', async () => {
  const row = await ask(storage);
  const { log, route, start } = begin({ roles: {} });
  start();
  await eventually(async () => (log.events.includes('nudge-without-channel') ? true : undefined), 'nobody to tell');
  expect(await storage.nudges.standing('default')).toMatchObject({ unaddressed: 1, due: 0 });
  await rounds();
  expect(log.events.filter((event) => event === 'nudge-without-channel')).toHaveLength(1);
  route({ roles: new Map(Object.entries(roles)) });
  await settled(row);
  expect(occasions()).toEqual(['opened']);
});

test('a channel that is taken out of the file gets nothing more', async () => {
  receiver.answer({ status: 500 });
  await ask(storage);
  const { clock, route, start } = begin();
  start();
  await received(1);
  await rounds();
  route({ channels: new Map(), roles: new Map() });
  clock.advance(600_000);
  await rounds();
  expect(receiver.received).toHaveLength(1);
  expect(await storage.nudges.standing('default')).toMatchObject({ due: 0 });
});
