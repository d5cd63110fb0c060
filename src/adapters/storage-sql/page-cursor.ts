import { CountersignError } from '../../domain/countersign-error.ts';

/** Where a page ended: by a time, ties by id. */
export interface PageEnd {
  /** ISO 8601. */
  readonly at: string;
  readonly id: string;
}

const cursorForm = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)\|([A-Za-z0-9._-]{1,64})$/;

export function cursorOf(end: PageEnd): string {
  return Buffer.from(`${end.at}|${end.id}`, 'utf8').toString('base64url');
}

/** Fails with `invalid-request` for anything that is not a cursor of ours. */
export function parseCursor(cursor: string): PageEnd {
  const match = cursorForm.exec(Buffer.from(cursor.slice(0, 256), 'base64url').toString('utf8'));
  const [, at, id] = match ?? [];
  if (at === undefined || id === undefined || Number.isNaN(Date.parse(at))) {
    throw new CountersignError('invalid-request', {
      fields: [{ path: 'cursor', rule: 'must be a cursor that a list returned' }],
    });
  }
  return { at, id };
}

/** Splits what was read with a limit of one more into a page and the cursor of the next. */
export function pageOf<Item>(
  read: readonly Item[],
  limit: number,
  endOf: (item: Item) => PageEnd,
): { items: readonly Item[]; next?: string } {
  const items = read.slice(0, limit);
  const last = items.at(-1);
  return read.length > limit && last !== undefined ? { items, next: cursorOf(endOf(last)) } : { items };
}
