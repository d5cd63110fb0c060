import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../src/client/create-client.ts';
import { type ApiHarness, startApi } from './api-harness.ts';
import { send } from './api-http.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApi({ limits: { identity: { burst: 40, perSecond: 1 } } });
});
afterAll(() => api.close());

/** With headers that `fetch` does not let anybody set. */
async function withHost(host: string, path = '/livez'): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(`${api.url}${path}`, { headers: { host } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    call.on('error', reject);
    call.end();
  });
}

function codeOf({ status, body }: { readonly status: number; readonly body: string }): unknown {
  return status === 421 ? JSON.parse(body).code : status;
}

describe('the edge', () => {
  test.each(['localhost', 'localhost:7070', '127.0.0.1', '[::1]:7070', 'LOCALHOST'])('answers as %s', async (host) => {
    expect((await withHost(host)).status).toBe(200);
  });

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io', '10.0.0.1'])(
    'does not answer as %j, on no path',
    async (host) => {
      for (const path of ['/livez', '/v1/runs', '/openapi.json', '/login'])
        expect(codeOf(await withHost(host, path))).toBe('host-refused');
    },
  );

  test('does not answer as a name that is none', async () => {
    for (const host of ['localhost:7070@evil.example', 'localhost:x'])
      expect(await withHost(host)).toEqual({ status: 400, body: '' });
  });

  test('answers nothing that another site could read, frame or sniff', async () => {
    const { headers } = await send(`${api.url}/v1/runs`, { headers: { origin: 'https://evil.example' } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('a body over the limit is refused, announced or not', async () => {
    const token = await api.token('initiator');
    const body = JSON.stringify({ agent: 'invoice-desk', task: 't', inputs: 'x'.repeat(256 * 1_024) });
    expect(await send(`${api.url}/v1/runs`, { token, body })).toMatchObject({
      status: 413,
      body: { code: 'payload-too-large' },
    });
    const chunked = await fetch(`${api.url}/v1/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: new Blob([body]).stream(),
      duplex: 'half',
    });
    expect(chunked.status).toBe(413);
  });

  test.each(['/v1/nothing', '/v1/runs/x/nothing', '/nothing', '/v1/dev/nothing'])(
    '%s is not there, and says so as a problem',
    async (path) => {
      const { status, headers, body } = await send(`${api.url}${path}`);
      expect(status).toBe(404);
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(body).toMatchObject({
        type: 'urn:countersign:error:not-found',
        code: 'not-found',
        status: 404,
        instance: expect.stringMatching(/^urn:uuid:/),
      });
      expect(body.hint).toEqual(expect.any(String));
    },
  );

  test('one identity that asks too often waits, and the others do not', async () => {
    const token = await api.token('admin');
    const statuses: number[] = [];
    for (let call = 0; call < 41; call += 1) statuses.push((await send(`${api.url}/v1/runs`, { token })).status);
    expect(statuses.slice(0, 40).every((status) => status === 200)).toBe(true);
    const { status, headers, body } = await send(`${api.url}/v1/runs`, { token });
    expect({ status, code: body.code }).toEqual({ status: 429, code: 'rate-limited' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await send(`${api.url}/v1/runs`, { token: await api.token('lead') })).status).toBe(200);
    const client = createClient({ baseUrl: api.url, token });
    await expect(client.runs.list()).rejects.toMatchObject({
      code: 'rate-limited',
      isPassing: true,
      retryAfterMs: 1_000,
    });
  });
});

describe('health', () => {
  test('is ready while runs can start, and alive even when they cannot', async () => {
    expect((await send(`${api.url}/readyz`)).status).toBe(200);
    api.engine.reachable = false;
    expect(await send(`${api.url}/readyz`)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect((await send(`${api.url}/livez`)).status).toBe(200);
    api.engine.reachable = true;
  });
});

describe('a session cookie', () => {
  test('reads, and changes nothing unless the request comes from our own page with its token', async () => {
    const { session, setCookie } = await api.services.sessions.logIn('approver', new Request(`${api.url}/login`));
    const cookie = setCookie.split(';')[0] ?? '';
    const body = { runId: 'by-session', agent: 'invoice-desk', task: 'Pay.' };
    const post = (headers: Record<string, string>) =>
      send(`${api.url}/v1/runs`, { body, headers: { cookie, ...headers } });
    expect((await send(`${api.url}/v1/runs`, { headers: { cookie } })).status).toBe(200);
    const origin = api.url;
    const token = session.csrfToken;
    for (const headers of [
      {},
      { origin },
      { 'x-csrf-token': token },
      { origin: 'https://evil.example', 'x-csrf-token': token },
    ]) {
      expect(await post(headers)).toMatchObject({ status: 403, body: { code: 'csrf-refused' } });
    }
    expect((await post({ origin, 'x-csrf-token': token })).status).toBe(201);
    expect((await api.storage.runs.find('default', 'by-session'))?.signedTicket.ticket).toMatchObject({
      initiator: 'approver',
      taskAuthority: 'principal',
    });
  });

  test('that is unknown or over is nobody’s', async () => {
    const cookie = `countersign=${'x'.repeat(43)}`;
    expect(await send(`${api.url}/v1/runs`, { headers: { cookie } })).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  });

  test('does not help a request whose token does not hold', async () => {
    const { setCookie } = await api.services.sessions.logIn('approver', new Request(`${api.url}/login`));
    const cookie = setCookie.split(';')[0] ?? '';
    expect((await send(`${api.url}/v1/runs`, { headers: { cookie, authorization: 'Bearer x' } })).status).toBe(401);
    expect((await send(`${api.url}/v1/runs`, { headers: { cookie, authorization: 'Basic eDp5' } })).status).toBe(401);
  });
});

describe('a development token', () => {
  const mint = (headers: Record<string, string>, body: unknown = { as: 'approver' }) =>
    send(`${api.url}/v1/dev/tokens`, { body, headers });

  test('is given to who holds the owner’s secret, and works', async () => {
    const { status, body } = await mint({ 'countersign-owner-secret': api.ownerSecret });
    expect(status).toBe(201);
    expect((await send(`${api.url}/v1/runs`, { token: String(body['token']) })).status).toBe(200);
  });

  test('is given to nobody else', async () => {
    for (const secret of ['', 'x', `${api.ownerSecret}x`, api.ownerSecret.slice(1)]) {
      expect(await mint({ 'countersign-owner-secret': secret })).toMatchObject({
        status: 401,
        body: { code: 'unauthenticated' },
      });
    }
    expect((await mint({}, 'not json')).status).toBe(401);
    expect((await mint({ authorization: `Bearer ${await api.token('lead')}` })).status).toBe(401);
  });

  test.each([{ as: 'root' }, { as: 'Approver' }, {}, { as: 'approver', days: 30 }])(
    'is not made of %j',
    async (body) => {
      expect(await mint({ 'countersign-owner-secret': api.ownerSecret }, body)).toMatchObject({
        status: 400,
        body: { code: 'invalid-request' },
      });
    },
  );
});

describe('/openapi.json', () => {
  test('names every route of the contract, with its problems, and refers to nothing that is not there', async () => {
    const { body } = await send(`${api.url}/openapi.json`);
    const document = JSON.stringify(body);
    expect(body['openapi']).toBe('3.1.0');
    expect(Object.keys(Object(body['paths'])).toSorted()).toEqual([
      '/.well-known/countersign-keys',
      '/livez',
      '/readyz',
      '/v1/approvals',
      '/v1/approvals/verdicts',
      '/v1/approvals/{approvalId}',
      '/v1/approvals/{approvalId}/challenges',
      '/v1/approvals/{approvalId}/notes',
      '/v1/approvals/{approvalId}/receipt',
      '/v1/approvals/{approvalId}/verdicts',
      '/v1/approvals/{approvalId}/withdraw',
      '/v1/delegations',
      '/v1/delegations/{delegationId}',
      '/v1/dev/tokens',
      '/v1/nudges',
      '/v1/passkeys',
      '/v1/passkeys/challenges',
      '/v1/passkeys/{passkeyId}/confirm',
      '/v1/passkeys/{passkeyId}/revoke',
      '/v1/runs',
      '/v1/runs/{runId}',
      '/v1/runs/{runId}/cancel',
      '/v1/runs/{runId}/events',
      '/v1/runs/{runId}/steer',
      '/v1/sessions',
      '/v1/sessions/end',
    ]);
    const schemas = new Set(Object.keys(Object(Object(body['components']).schemas)));
    const references = [...document.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? '');
    for (const reference of references) expect(schemas).toContain(reference.replace('#/components/schemas/', ''));
    for (const code of ['digest-mismatch', 'already-decided', 'self-approval', 'run-conflict', 'host-refused'])
      expect(document).toContain(code);
  });
});
