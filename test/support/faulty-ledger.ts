import { CountersignError } from '../../src/domain/countersign-error.ts';
import type { Records } from '../../src/main/records.ts';
import type { EffectLedger } from '../../src/ports/effect-ledger.port.ts';

/** What a crash between two processes looks like to the one that lives on: both rows of it. */
export type LedgerFault = 'not-applied' | 'applied-not-acknowledged';

type Method = 'reserve' | 'land';

export interface FaultyLedger {
  /** The next call of this method for an effect of this tool fails so; `meanwhile` runs before the failure is seen. */
  fail(method: Method, tool: string, fault: LedgerFault, meanwhile?: () => Promise<void>): void;
  /** Puts itself in the ledger's place. */
  readonly over: (records: Records) => Records;
}

export function createFaultyLedger(): FaultyLedger {
  const faults = new Map<string, { fault: LedgerFault; meanwhile: (() => Promise<void>) | undefined }>();

  async function through<Result>(method: Method, tool: string, work: () => Promise<Result>): Promise<Result> {
    const planned = faults.get(`${method} ${tool}`);
    if (planned === undefined) return work();
    faults.delete(`${method} ${tool}`);
    if (planned.fault === 'applied-not-acknowledged') await work();
    await planned.meanwhile?.();
    throw new CountersignError('unavailable');
  }

  const wrap = (ledger: EffectLedger): EffectLedger => ({
    ...ledger,
    reserve: (reservation, records) => through('reserve', reservation.tool, () => ledger.reserve(reservation, records)),
    land: (key, ref, at, records) =>
      through('land', String(records[0]?.body['tool']), () => ledger.land(key, ref, at, records)),
  });

  return {
    fail: (method, tool, fault, meanwhile) => void faults.set(`${method} ${tool}`, { fault, meanwhile }),
    over: (records) => ({ ...records, storage: { ...records.storage, ledger: wrap(records.storage.ledger) } }),
  };
}
