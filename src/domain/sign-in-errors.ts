import { type ErrorRow, passing, row } from './error-row.ts';

/** What may go wrong between somebody and the identity provider. */
export const signInErrors = {
  'sign-in-stale': row(
    400,
    'This sign-in was used already, took too long, or was begun in another browser.',
    'Start again from the sign-in page.',
  ),
  'sign-in-refused': row(
    403,
    'The identity provider did not confirm who you are.',
    'Start again; if it happens again, ask whoever looks after the identity provider.',
  ),
  'sign-in-without-role': row(
    403,
    'You are known to the identity provider, but hold no role here.',
    'Ask whoever looks after the identity provider for a role, then sign in again.',
  ),
  'sign-in-invalid': row(
    502,
    'The answer of the identity provider cannot be used.',
    'Compare the COUNTERSIGN_OIDC_ variables with what the provider says; the log names the part.',
  ),
  'reauthentication-stale': row(
    400,
    'This answer was sent already, took too long, or was begun in another browser or session.',
    'Answer again on the page of the approval.',
  ),
  'identity-provider-unavailable': passing(
    503,
    'The identity provider does not answer.',
    'Try again in a moment; check COUNTERSIGN_OIDC_ISSUER.',
  ),
} as const satisfies Record<string, ErrorRow>;
