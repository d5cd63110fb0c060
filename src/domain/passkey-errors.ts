import { type ErrorRow, row } from './error-row.ts';

/** What may go wrong with a passkey itself; a proof that does not hold is `step-up-required`. */
export const passkeyErrors = {
  'passkey-refused': row(
    403,
    'The passkey was not accepted.',
    'Begin again: its challenge may have expired, or it is enrolled already.',
  ),
  'passkey-limit': row(409, 'There are too many passkeys of one person.', 'Revoke one that is no longer used.'),
  'passkey-not-yours': row(
    403,
    'This passkey is for somebody else to confirm or revoke.',
    'Another person with the role admin or lead confirms; its owner or an admin revokes.',
  ),
  'passkey-settled': row(409, 'The passkey is in another state by now.', 'Reload the page.'),
} as const satisfies Record<string, ErrorRow>;
