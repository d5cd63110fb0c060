import type { Kysely } from 'kysely';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { Executable } from './fixed-statement.ts';
import type { StorageTables } from './tables.ts';

/** Unique violation, serialization failure, deadlock. */
const lostRaces = new Set(['23505', '40001', '40P01']);

const attempts = 8;

/**
 * Runs one statement that is a whole transition, and reads its outcome from its single row.
 * Under READ COMMITTED all parts of a statement share one snapshot, so it may miss what a concurrent one just
 * committed: `outcomeOf` answers undefined then, and the statement is run again.
 */
export async function transition<Row, Outcome>(
  db: Kysely<StorageTables>,
  statement: Executable<Row>,
  outcomeOf: (row: Row) => Outcome | undefined,
): Promise<Outcome> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const row = await rowOf(db, statement);
    const outcome = row === 'lost-race' ? undefined : outcomeOf(row);
    if (outcome !== undefined) return outcome;
  }
  throw new CountersignError('unavailable', { message: 'Storage is too busy with the same row.' });
}

async function rowOf<Row>(db: Kysely<StorageTables>, statement: Executable<Row>): Promise<Row | 'lost-race'> {
  try {
    const { rows } = await statement.execute(db);
    const [row] = rows;
    if (row === undefined) throw new CountersignError('internal', { message: 'A transition answers with one row.' });
    return row;
  } catch (error) {
    if (isLostRace(error)) return 'lost-race';
    throw storageFailure(error);
  }
}

/** Runs a query, with the driver's error turned into ours. */
export async function query<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw storageFailure(error);
  }
}

/** A concurrent statement was faster. Nothing was written; a fresh snapshot shows what the other one did. */
function isLostRace(error: unknown): boolean {
  if (lostRaces.has(sqlStateOf(error))) return true;
  return error instanceof Error && 'constraint' in error && error.constraint === 'effect_consumes_its_approval';
}

/** The driver's error carries the statement and its parameters, so it goes no further: only its SQLSTATE does. */
function storageFailure(error: unknown): CountersignError {
  if (error instanceof CountersignError) return error;
  const sqlState = sqlStateOf(error);
  const code = /^(22|23|42)/.test(sqlState) ? 'internal' : 'unavailable';
  return new CountersignError(code, {
    message: `Storage failed${sqlState === '' ? '' : ` with SQLSTATE ${sqlState}`}.`,
  });
}

function sqlStateOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return '';
  return /^[0-9A-Z]{5}$/.test(error.code) ? error.code : '';
}
