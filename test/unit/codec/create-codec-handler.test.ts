import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PayloadCodec } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCodecHandler } from '../../../src/adapters/codec-aes-gcm/create-codec-handler.ts';
import { createPayloadCodec } from '../../../src/adapters/codec-aes-gcm/create-payload-codec.ts';
import { openFileKeys } from '../../../src/adapters/keys-file/open-file-keys.ts';

const origin = 'http://127.0.0.1:8233';
let home: string;
let codec: PayloadCodec;
let handle: (request: Request) => Promise<Response>;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'countersign-codec-server-'));
  codec = createPayloadCodec({ keys: await openFileKeys(home), tenant: 'default' });
  handle = createCodecHandler({ codec, allowedOrigin: origin });
});

afterAll(() => rm(home, { recursive: true, force: true }));

function post(
  body: unknown,
  change: { readonly url?: string; readonly origin?: string; readonly method?: string } = {},
): Request {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const method = change.method ?? 'POST';
  return new Request(change.url ?? 'http://localhost:8081/decode', {
    method,
    headers: {
      origin: change.origin ?? origin,
      'content-type': 'application/json',
      'x-namespace': 'default',
      'content-length': String(text.length),
    },
    ...(method === 'GET' || method === 'OPTIONS' ? {} : { body: text }),
  });
}

async function wire(text: string) {
  const [payload] = await codec.encode([
    { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(text) },
  ]);
  const fields = Object.entries(payload?.metadata ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value).toString('base64'),
  ]);
  return { metadata: Object.fromEntries(fields), data: Buffer.from(payload?.data ?? []).toString('base64') };
}

test('the Temporal UI is shown what the codec opens, and a mark where it cannot', async () => {
  const plain = {
    metadata: { encoding: Buffer.from('json/plain').toString('base64') },
    data: Buffer.from('"poison"').toString('base64'),
  };
  const response = await handle(post({ payloads: [await wire('{"amount":12}'), plain] }));
  expect(response.status).toBe(200);
  expect(response.headers.get('access-control-allow-origin')).toBe(origin);
  expect(response.headers.get('cache-control')).toBe('no-store');
  const { payloads } = (await response.json()) as { payloads: { data: string }[] };
  const texts = payloads.map(({ data }) => Buffer.from(data, 'base64').toString());
  expect(texts[0]).toBe('{"amount":12}');
  expect(JSON.parse(texts[1] ?? '')).toMatchObject({ __countersign: 'undecodable' });
});

test('the preflight allows the headers that the UI sends', async () => {
  const response = await handle(post('', { method: 'OPTIONS' }));
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-headers')).toContain('x-namespace');
  expect(response.headers.get('access-control-allow-origin')).toBe(origin);
});

test.each([
  ['another origin', { origin: 'http://evil.test' }, 403],
  ['the same host on another port', { origin: 'http://127.0.0.1:9999' }, 403],
  ['a name that is not loopback', { url: 'http://rebound.test:8081/decode' }, 421],
  ['another path', { url: 'http://localhost:8081/keys' }, 404],
  ['encoding', { url: 'http://localhost:8081/encode' }, 404],
  ['another method', { method: 'GET' }, 405],
] as const)('%s is refused', async (_, change, status) => {
  const response = await handle(post({ payloads: [] }, change));
  expect(response.status).toBe(status);
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test.each([
  ['not JSON'],
  [{}],
  [{ payloads: 'x' }],
  [{ payloads: [{ data: '%' }] }],
  [{ payloads: [{ metadata: { a: 1 } }] }],
])('the body %j is refused', async (body) => {
  expect((await handle(post(body))).status).toBe(400);
});

test('a body over the limit or of unknown length is refused unread', async () => {
  const huge = new Request('http://localhost/decode', {
    method: 'POST',
    headers: { origin, 'content-length': '9000000' },
    body: '{}',
  });
  expect((await handle(huge)).status).toBe(413);
  expect(
    (await handle(new Request('http://localhost/decode', { method: 'POST', headers: { origin }, body: '{}' }))).status,
  ).toBe(413);
});
