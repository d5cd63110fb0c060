import type { ColumnType } from 'kysely';

/** `timestamptz`: written as ISO 8601, read as a Date. */
export type Instant = ColumnType<Date, string, string>;
export type OptionalInstant = ColumnType<Date | null, string | null, string | null>;
/** `bigint`: a number from PGlite, text from PostgreSQL; always read through Number(). */
export type Big = ColumnType<number | string | bigint, number | undefined, number>;
