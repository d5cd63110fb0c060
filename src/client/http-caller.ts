import { CountersignApiError, errorOf, unreached } from './api-error.ts';

export interface ClientOptions {
  /** Where the server is: `http://localhost:7070`. */
  readonly baseUrl: string;
  /** A bearer token, or how to get one that is still valid. */
  readonly token?: string | (() => string | Promise<string>);
  /** Defaults to the platform's. */
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface Call extends CallOptions {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Sends one call. Fails with a `CountersignApiError`, or with the signal's reason. */
export type HttpCaller = (call: Call) => Promise<Response>;

export function createHttpCaller({ baseUrl, token, fetch: send = fetch }: ClientOptions): HttpCaller {
  return async ({ method, path, query = {}, headers, body, signal }) => {
    const url = new URL(path, baseUrl);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const bearer = typeof token === 'function' ? await token() : token;
    const request = {
      method,
      headers: {
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    };
    const response = await send(url, request).catch((cause: unknown) => {
      signal?.throwIfAborted();
      throw unreached(baseUrl, cause);
    });
    if (!response.ok) throw await errorOf(response);
    return response;
  };
}

/** Reads an answer whose shape the server's contract promises. */
export async function readAnswer<Answer>(response: Response): Promise<Answer> {
  try {
    const answer: unknown = await response.json();
    return answer as Answer;
  } catch (cause) {
    throw new CountersignApiError({ code: 'unavailable', title: 'The answer was cut off.', status: 0 }, { cause });
  }
}
