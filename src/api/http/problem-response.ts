import type { Problem } from '../../contracts/http/problem.schema.ts';
import { CountersignError } from '../../domain/countersign-error.ts';

/** What a failed request is answered with. Errors that are not ours say nothing of themselves: they may hold anything. */
export function problemOf(error: unknown, instance: string): Problem {
  const known = error instanceof CountersignError ? error : new CountersignError('internal');
  const { title, status, hint } = known.row;
  return {
    type: `urn:countersign:error:${known.code}`,
    title,
    status,
    code: known.code,
    ...(known.message !== title && { detail: known.message }),
    instance,
    ...(known.fields.length > 0 && { errors: known.fields.map(({ path, rule }) => ({ path, rule })) }),
    hint,
  };
}

export function problemResponse(error: unknown, instance: string): Response {
  const problem = problemOf(error, instance);
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  if (problem.status === 401) headers.set('www-authenticate', 'Bearer');
  // The rest of the body is never read, so this connection carries nothing more.
  if (problem.status === 413) headers.set('connection', 'close');
  const retryAfterMs = error instanceof CountersignError ? error.retryAfterMs : undefined;
  if (retryAfterMs !== undefined) headers.set('retry-after', String(Math.ceil(retryAfterMs / 1_000)));
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}
