import { sql } from 'kysely';
import { assertNever } from '../../domain/assert-never.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { EffectState } from '../../domain/effect.ts';
import type { BlobRef } from '../../ports/blob-store.port.ts';
import { type Executable, fixedStatement } from './fixed-statement.ts';
import { type OutboxRows, withRecords } from './outbox-rows.ts';

export type Settlement =
  | { readonly to: 'landed' | 'did-not-happen'; readonly outcomeRef: BlobRef; readonly at: string }
  | { readonly to: 'in-doubt'; readonly at: string };

export interface SettleRow {
  readonly settled: boolean;
  /** Before the statement; null where no such key is. */
  readonly state: EffectState | null;
}

interface SettleValues {
  readonly key: string;
  readonly to: Settlement['to'];
  readonly outcomeRef: BlobRef | null;
  readonly at: string;
  readonly rows: OutboxRows;
}

const statement = fixedStatement<SettleValues, SettleRow>(
  ({ key, to, outcomeRef, at, rows }) => sql<SettleRow>`
    with changed as (
      update effects set state = ${to}::text, outcome_ref = ${outcomeRef}::text, settled_at = ${at}::timestamptz
      where key = ${key}::text and (state = 'reserved' or (state = 'in-doubt' and ${to}::text <> 'in-doubt'))
      returning 1
    ), ${withRecords(rows)}
    select exists (select from changed) as settled, (select state from effects where key = ${key}::text) as state`,
);

export function settleStatement(key: string, settlement: Settlement, rows: OutboxRows): Executable<SettleRow> {
  const outcomeRef = settlement.to === 'in-doubt' ? null : settlement.outcomeRef;
  return statement({ key, to: settlement.to, outcomeRef, at: settlement.at, rows });
}

/**
 * The first settlement wins: the same one again, and a late doubt, change nothing.
 * Fails where two attempts claim the opposite of each other, and where nothing was reserved.
 */
export function settleOutcomeOf(row: SettleRow, to: Settlement['to']): 'settled' | 'unchanged' | undefined {
  if (row.settled) return 'settled';
  if (row.state === null)
    throw new CountersignError('internal', { message: 'An effect was settled that nobody reserved.' });
  if (row.state === to) return 'unchanged';
  switch (row.state) {
    case 'landed':
    case 'did-not-happen':
      if (to === 'in-doubt') return 'unchanged';
      throw new CountersignError('internal', { message: `An effect that is ${row.state} was settled as ${to}.` });
    case 'reserved':
    case 'in-doubt':
      return undefined;
    default:
      return assertNever(row.state);
  }
}
