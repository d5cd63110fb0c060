import type { Problem } from '../contracts/http/problem.schema.ts';

/** The server refused or failed. `code` is stable and listed in the error reference; the rest is for people. */
export class CountersignApiError extends Error {
  override readonly name = 'CountersignApiError';
  readonly code: string;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  readonly fields: readonly { readonly path: string; readonly rule: string }[];
  readonly hint: string | undefined;
  /** Names this answer in the server's log. */
  readonly instance: string | undefined;
  /** Milliseconds after which the server would look at it again. */
  readonly retryAfterMs: number | undefined;

  constructor(
    problem: Pick<Problem, 'code' | 'title' | 'status'> & Partial<Problem>,
    options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(problem.detail ?? problem.title, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = problem.code;
    this.status = problem.status;
    this.fields = problem.errors ?? [];
    this.hint = problem.hint;
    this.instance = problem.instance;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether the same call may succeed later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

/** The error that an answer stands for, also where something between us and the server wrote it. */
export async function errorOf(response: Response): Promise<CountersignApiError> {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const options = Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {};
  const body: unknown = await response.json().catch(() => undefined);
  if (isProblem(body)) return new CountersignApiError(body, options);
  const { status } = response;
  return new CountersignApiError(
    { code: 'unavailable', title: `The server answered ${status} without saying why.`, status },
    options,
  );
}

/** No answer came. */
export function unreached(baseUrl: string, cause: unknown): CountersignApiError {
  return new CountersignApiError({ code: 'unavailable', title: `${baseUrl} was not reached.`, status: 0 }, { cause });
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  return (
    'code' in body &&
    typeof body.code === 'string' &&
    'title' in body &&
    typeof body.title === 'string' &&
    'status' in body &&
    typeof body.status === 'number'
  );
}
