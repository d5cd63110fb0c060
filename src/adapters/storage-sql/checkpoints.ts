import { type Kysely, sql } from 'kysely';
import type { StorageTables } from './tables.ts';

export interface Checkpoints {
  stop(): Promise<void>;
}

const intervalMs = 30_000;
const walBytes = 16 * 1024 * 1024;

/**
 * PGlite runs without PostgreSQL's background processes, so nobody else writes checkpoints:
 * the write-ahead log would grow without end, and so would the recovery after a crash.
 */
export function keepCheckpointing(db: Kysely<StorageTables>): Checkpoints {
  let latest: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    // A failure shows itself in the next statement; the log only stays longer.
    latest = checkpointIfDue(db).catch(() => undefined);
  }, intervalMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await latest;
    },
  };
}

export async function checkpointIfDue(db: Kysely<StorageTables>, dueAfterBytes: number = walBytes): Promise<void> {
  const { rows } = await sql<{ due: boolean }>`
    select pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn) > ${dueAfterBytes}::bigint as due from pg_control_checkpoint()`.execute(
    db,
  );
  if (rows[0]?.due === true) await sql`checkpoint`.execute(db);
}
