import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { CountersignError } from '../../domain/countersign-error.ts';

/** Codes of OAuth and of the client library are one word; what a provider writes beside them may hold anything. */
const wordForm = /^[A-Za-z0-9_]{1,64}$/;

const unreached: ReadonlySet<string> = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM']);

/** What went wrong at the provider in our words; its own word for it goes into the message, for the log. */
export function providerFailure(error: unknown): CountersignError {
  if (error instanceof CountersignError) return error;
  if (error instanceof AuthorizationResponseError) {
    const isPassing = ['server_error', 'temporarily_unavailable'].includes(error.error);
    return failure(isPassing ? 'identity-provider-unavailable' : 'sign-in-refused', error.error);
  }
  if (error instanceof ResponseBodyError) {
    if (error.status >= 500 || error.status === 429) return failure('identity-provider-unavailable', error.error);
    return failure(error.error === 'invalid_grant' ? 'sign-in-refused' : 'sign-in-invalid', error.error);
  }
  if (error instanceof ClientError)
    return failure(unreached.has(error.code ?? '') ? 'identity-provider-unavailable' : 'sign-in-invalid', error.code);
  // fetch fails with a TypeError where nobody answers
  return failure(error instanceof TypeError ? 'identity-provider-unavailable' : 'sign-in-invalid', undefined);
}

function failure(
  code: 'identity-provider-unavailable' | 'sign-in-refused' | 'sign-in-invalid',
  word: string | undefined,
): CountersignError {
  const said = word !== undefined && wordForm.test(word) ? word : 'nothing that can be repeated';
  return new CountersignError(code, { message: `The identity provider’s word for it: ${said}.` });
}
