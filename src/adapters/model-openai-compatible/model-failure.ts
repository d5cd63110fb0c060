import { APICallError } from '@ai-sdk/provider';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { ErrorCode } from '../../domain/error-registry.ts';
import { isJsonObject, isJsonValue } from '../../domain/json.ts';
import { retryAfterMs } from './retry-after.ts';

/** Words of the OpenAI API that help an operator and can be nobody's secret; no other text of a host is passed on. */
const knownCodes: ReadonlySet<string> = new Set([
  'context_length_exceeded',
  'insufficient_quota',
  'invalid_api_key',
  'invalid_request_error',
  'model_not_found',
  'rate_limit_exceeded',
]);
const refusalCodes: ReadonlySet<string> = new Set(['content_filter', 'content_policy_violation']);

/**
 * The engine's error for whatever the SDK threw. The original is dropped, not chained:
 * it holds the prompt, the address and the headers, and an error may end up in a log.
 */
export function readModelFailure(error: unknown): CountersignError {
  const ours = ownError(error);
  if (ours) return ours;
  if (!APICallError.isInstance(error)) {
    return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
      ? failure('model-unavailable', 'no answer in time, or the call was given up')
      : failure(error instanceof TypeError ? 'model-unavailable' : 'model-answer-invalid', 'the answer cannot be read');
  }
  const status = error.statusCode;
  if (status === undefined) return failure('model-unavailable', 'the connection failed');
  if (status < 300) return failure('model-answer-invalid', 'the answer is not a chat completion');
  return readStatus(status, error);
}

function readStatus(status: number, error: APICallError): CountersignError {
  const code = hostCode(error.data);
  const what = code === null ? `HTTP ${status}` : `HTTP ${status}, ${code}`;
  if (code !== null && refusalCodes.has(code)) return failure('model-refused', what);
  if (status === 429) {
    const wait = retryAfterMs(error.responseHeaders ?? {}, Date.now());
    return new CountersignError('model-rate-limited', {
      message: what,
      ...(wait === null ? {} : { retryAfterMs: wait }),
    });
  }
  if (status >= 500 || status === 408 || status === 409 || status === 425) return failure('model-unavailable', what);
  return failure('model-request-invalid', what);
}

function hostCode(data: unknown): string | null {
  if (!isJsonValue(data, 8) || !isJsonObject(data) || !isJsonObject(data['error'])) return null;
  const { code, type } = data['error'];
  const known = [code, type].find(
    (word) => typeof word === 'string' && (knownCodes.has(word) || refusalCodes.has(word)),
  );
  return typeof known === 'string' ? known : null;
}

/** What the engine's own fetch threw comes back wrapped. */
function ownError(error: unknown): CountersignError | null {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if (cause instanceof CountersignError) return cause;
  }
  return null;
}

function failure(code: ErrorCode, what: string): CountersignError {
  return new CountersignError(code, { message: `the model’s host: ${what}` });
}
