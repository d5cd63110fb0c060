import { DeskRefusal } from './desk-refusal.ts';
import type { DeskDatabase } from './desk-schema.ts';

export interface KeyedCall {
  readonly key: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, string | number>>;
}

/**
 * Runs an effect once per key, in one transaction with the memory of it: after a crash either both are there or neither.
 * The same key with the same arguments gets the first answer again; with others it throws a DeskRefusal.
 * A refused effect leaves no memory, so the key stays free.
 */
export async function callOnce<Outcome extends object>(
  database: DeskDatabase,
  call: KeyedCall,
  effect: (transaction: DeskDatabase) => Promise<Outcome>,
): Promise<Outcome> {
  const args = JSON.stringify(call.args, Object.keys(call.args).sort());
  return database.transaction().execute(async (transaction) => {
    const earlier = await transaction
      .selectFrom('keyed_calls')
      .selectAll()
      .where('key', '=', call.key)
      .executeTakeFirst();
    if (earlier !== undefined) {
      if (earlier.tool !== call.tool || earlier.args !== args) {
        throw new DeskRefusal('this idempotency key was used before, with other arguments');
      }
      return JSON.parse(earlier.outcome) as Outcome;
    }
    const outcome = await effect(transaction);
    const row = { key: call.key, tool: call.tool, args, outcome: JSON.stringify(outcome) };
    await transaction.insertInto('keyed_calls').values(row).execute();
    return outcome;
  });
}
