import { createNudgePump } from '../../../src/api/nudges/nudge-pump.ts';
import { createNudgeSender } from '../../../src/main/nudge-sender.ts';
import type { ApprovalRow } from '../../../src/ports/approval-store.port.ts';
import type { NudgeChannel, NudgeRouting } from '../../../src/ports/nudge-channels.port.ts';
import type { NudgeStore } from '../../../src/ports/nudge-store.port.ts';
import type { WebhookReceiver } from '../../fakes/webhook-receiver.ts';
import { manualClock } from '../api/manual-clock.ts';
import { quietApiLog } from '../api/quiet-api-log.ts';
import { admit, approvalOf, at, later, type OpenedStorage, recordOf } from '../storage/storage-fixture.ts';
import { byName } from './nudge-fixture.ts';

let count = 0;

export interface NudgeHouseOptions {
  readonly channels: readonly NudgeChannel[];
  readonly roles?: Readonly<Record<string, readonly string[]>>;
  readonly owners?: Readonly<Record<string, readonly string[]>>;
  readonly store?: (nudges: NudgeStore) => NudgeStore;
}

/** A pump over real rows and a clock that a test moves; it looks every few milliseconds. */
export function nudgeHouse(storage: OpenedStorage, options: NudgeHouseOptions) {
  const clock = manualClock(Date.parse(at));
  const log = quietApiLog();
  let routing: NudgeRouting = {
    remindWhenLeft: 0.25,
    channels: byName(...options.channels),
    roles: new Map(Object.entries(options.roles ?? {})),
    owners: new Map(Object.entries(options.owners ?? {})),
  };
  const pump = (store = options.store) =>
    createNudgePump({
      nudges: store?.(storage.nudges) ?? storage.nudges,
      approvals: storage.approvals,
      clock,
      log,
      channels: { inForce: () => routing },
      sender: createNudgeSender({ timeoutMs: 2_000 }),
      publicUrl: 'https://countersign.example.test',
      everyMs: 5,
      firstBackOffMs: 5_000,
      graceMs: 100,
    });
  return {
    clock,
    log,
    pump,
    route: (change: Partial<NudgeRouting>) => {
      routing = { ...routing, ...change };
    },
  };
}

/** A question of 3,600 seconds from the clock's start. */
export async function ask(storage: OpenedStorage, change: Partial<ApprovalRow> = {}): Promise<ApprovalRow> {
  count += 1;
  const approvalId = `apr_${count.toString(16).padStart(32, '0')}`;
  const runId = `nudged-${count}`;
  await admit(storage, runId);
  const row = approvalOf(runId, { approvalId, ...change });
  return storage.approvals.open(row, recordOf(runId, 'approval-opened', 'open'));
}

/** As if no question had ever been asked. */
export async function forget({ database: { db } }: OpenedStorage): Promise<void> {
  await db.deleteFrom('nudges').execute();
  await db.deleteFrom('approvals').execute();
}

export async function close(storage: OpenedStorage, row: ApprovalRow, to: 'rejected' | 'expired', seconds: number) {
  const record = recordOf(row.runId, 'approval-closed', 'close');
  await storage.approvals.close('default', row.approvalId, to, later(seconds), [record]);
}

export interface ToldOf {
  readonly nudgeId: string;
  readonly occasion: string;
  readonly approvalId: string;
  readonly url: string;
}

export function toldOf({ received }: Pick<WebhookReceiver, 'received'>): readonly ToldOf[] {
  return received.map(({ body }) => (JSON.parse(body) as { readonly countersign: ToldOf }).countersign);
}

/** Long enough for several rounds of the pump. */
export const rounds = () => new Promise((resolve) => void setTimeout(resolve, 150));
