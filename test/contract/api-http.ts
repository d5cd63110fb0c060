import type { Problem } from '../../src/contracts/http/problem.schema.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Problem & Readonly<Record<string, unknown>>;
}

/** A bare HTTP call; `body` goes out as it is when it is text. */
export async function send(
  url: string,
  init: {
    readonly method?: string;
    readonly token?: string;
    readonly headers?: Record<string, string>;
    readonly body?: unknown;
  } = {},
): Promise<Answer> {
  const { token, body } = init;
  const response = await fetch(url, {
    method: init.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...init.headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}
