import { describe, expect, test } from 'vitest';
import { CountersignApiError } from '../../../src/client/api-error.ts';
import { createClient } from '../../../src/client/create-client.ts';
import { readEventStream } from '../../../src/client/event-stream.ts';

const baseUrl = 'http://localhost:7070';

function answering(response: () => Response): { readonly fetch: typeof fetch; readonly requests: Request[] } {
  const requests: Request[] = [];
  return {
    requests,
    fetch: async (input, init) => {
      requests.push(new Request(input, init));
      return response();
    },
  };
}

describe('an error of the client', () => {
  test('has the code, fields and hint of the server’s problem', async () => {
    const problem = {
      type: 't',
      title: 'T',
      status: 400,
      code: 'invalid-request',
      instance: 'urn:uuid:1',
      hint: 'h',
      errors: [{ path: 'task', rule: 'r' }],
    };
    const { fetch } = answering(() => Response.json(problem, { status: 400 }));
    const error = await createClient({ baseUrl, fetch })
      .runs.get('x')
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CountersignApiError);
    expect(error).toMatchObject({
      code: 'invalid-request',
      status: 400,
      fields: [{ path: 'task', rule: 'r' }],
      hint: 'h',
      isPassing: false,
    });
  });

  test('is passing where somebody between us and the server answered', async () => {
    const { fetch } = answering(
      () => new Response('<html>Bad gateway</html>', { status: 502, headers: { 'retry-after': '3' } }),
    );
    await expect(createClient({ baseUrl, fetch }).runs.get('x')).rejects.toMatchObject({
      code: 'unavailable',
      status: 502,
      isPassing: true,
      retryAfterMs: 3_000,
    });
  });

  test('is passing where nobody answered, and names no token', async () => {
    const client = createClient({ baseUrl: 'http://127.0.0.1:1', token: 'secret-token' });
    const error: unknown = await client.runs.get('x').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'unavailable', status: 0, isPassing: true });
    expect(JSON.stringify(error) + String(error)).not.toContain('secret-token');
  });

  test('is the signal’s own reason where the caller gave up', async () => {
    const client = createClient({ baseUrl: 'http://127.0.0.1:1' });
    const reason = new Error('enough');
    await expect(client.runs.get('x', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const reading = client.runs.events('x', { signal: AbortSignal.timeout(50) })[Symbol.asyncIterator]();
    await expect(reading.next()).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('a request of the client', () => {
  test('asks for its token each time and escapes what it is given', async () => {
    let issued = 0;
    const { fetch, requests } = answering(() => Response.json({}));
    const client = createClient({ baseUrl, token: async () => `token-${++issued}`, fetch });
    await client.runs.get('a/../b?c');
    await client.approvals.list({ state: 'pending', runId: 'r' });
    await client.runs.start({ agent: 'a', task: 't' }, { idempotencyKey: 'k' });
    expect(requests.map(({ url }) => url)).toEqual([
      `${baseUrl}/v1/runs/a%2F..%2Fb%3Fc`,
      `${baseUrl}/v1/approvals?state=pending&runId=r`,
      `${baseUrl}/v1/runs`,
    ]);
    expect(requests.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer token-1',
      'Bearer token-2',
      'Bearer token-3',
    ]);
    expect(requests[2]?.headers.get('idempotency-key')).toBe('k');
  });
});

describe('an event stream', () => {
  const read = async (chunks: readonly Uint8Array[]): Promise<unknown[]> => {
    const events: unknown[] = [];
    for await (const event of readEventStream(ReadableStream.from(chunks))) events.push(event);
    return events;
  };

  test('is read the same however its bytes are cut', async () => {
    const text = ': open\n\nevent: a\ndata: {"x":"é€😀"}\nid: 1\n\n: alive\n\nid: 2\r\ndata: one\r\ndata:two\r\n\r\n';
    const bytes = new TextEncoder().encode(text);
    const expected = [
      { id: '1', data: '{"x":"é€😀"}' },
      { id: '2', data: 'one\ntwo' },
    ];
    for (let size = 1; size <= bytes.length; size += 1) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.slice(index * size, (index + 1) * size),
      );
      expect(await read(chunks)).toEqual(expected);
    }
  });

  test('that was cut within an event does not yield it', async () => {
    expect(await read([new TextEncoder().encode('id: 1\ndata: whole\n\nid: 2\ndata: ha')])).toEqual([
      { id: '1', data: 'whole' },
    ]);
  });
});
