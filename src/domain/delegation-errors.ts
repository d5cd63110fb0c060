import { type ErrorRow, row } from './error-row.ts';

/** What may go wrong with lending; a lent right that does not count is `not-an-approver`. */
export const delegationErrors = {
  'delegation-limit': row(409, 'There are too many delegations of one person.', 'End one that is no longer needed.'),
} as const satisfies Record<string, ErrorRow>;
