import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sendWebhook } from '../../../src/adapters/nudge-sender-webhook/send-webhook.ts';
import { type ReceivedWebhook, startWebhookReceiver, type WebhookReceiver } from '../../fakes/webhook-receiver.ts';
import { never, nudge, signingKey, webhookTo } from './nudge-fixture.ts';

/** The guide's own example, as a reader would run it. */
const guide = pathToFileURL('docs/guides/check-nudge.ts').href;
const { isFromCountersign } = (await import(/* @vite-ignore */ guide)) as {
  isFromCountersign(headers: Headers, body: string, key: string): boolean;
};

const settings = { now: Date.now, timeoutMs: 500 };
let receiver: WebhookReceiver;
beforeEach(async () => {
  receiver = await startWebhookReceiver();
});
afterEach(() => receiver.close());

const send = (url = receiver.url, now = Date.now) => sendWebhook(webhookTo(url), nudge, never, { ...settings, now });

async function sent(now = Date.now): Promise<ReceivedWebhook> {
  await send(receiver.url, now);
  const [request] = receiver.received;
  if (request === undefined) throw new Error('nothing came');
  return request;
}

describe('a webhook', () => {
  test('says agent, tool, risk, end and page, as text and as fields', async () => {
    expect(await send()).toEqual({ kind: 'sent' });
    const body = JSON.parse(receiver.received[0]?.body ?? '') as Record<string, unknown>;
    for (const word of ['invoice-desk', 'Schedule a payment', 'high', '2026-03-01 10:30 UTC', nudge.url])
      expect(body['text']).toContain(word);
    expect(body['countersign']).toEqual({
      v: 1,
      nudgeId: nudge.nudgeId,
      occasion: 'opened',
      approvalId: nudge.approvalId,
      agent: 'invoice-desk',
      tool: 'invoices.schedule_payment',
      risk: 'high',
      expiresAt: nudge.expiresAt,
      url: nudge.url,
    });
  });

  test('is signed over id, time and body, and carries its id', async () => {
    const { headers, body } = await sent();
    expect(headers['webhook-id']).toBe(nudge.nudgeId);
    expect(isFromCountersign(new Headers(headers), body, signingKey)).toBe(true);
    expect(isFromCountersign(new Headers(headers), `${body} `, signingKey)).toBe(false);
    expect(isFromCountersign(new Headers({ ...headers, 'webhook-id': 'nudge_other' }), body, signingKey)).toBe(false);
    const otherKey = `whsec_${Buffer.alloc(32).toString('base64')}`;
    expect(isFromCountersign(new Headers(headers), body, otherKey)).toBe(false);
    expect(isFromCountersign(new Headers(), body, signingKey)).toBe(false);
  });

  test('that is old is refused by the example of the guide', async () => {
    const { headers, body } = await sent(() => Date.now() - 3_600_000);
    expect(isFromCountersign(new Headers(headers), body, signingKey)).toBe(false);
  });

  test('follows no redirect', async () => {
    receiver.answer({ status: 307, headers: { location: `${receiver.url}/elsewhere` } });
    expect(await send()).toEqual({ kind: 'refused', code: 'redirected' });
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  });

  test.each([
    [500, { kind: 'again', code: 'http-500' }],
    [503, { kind: 'again', code: 'http-503' }],
    [429, { kind: 'again', code: 'http-429' }],
    [404, { kind: 'refused', code: 'http-404' }],
    [401, { kind: 'refused', code: 'http-401' }],
  ])('that meets %i becomes %o', async (status, outcome) => {
    receiver.answer({ status });
    expect(await send()).toEqual(outcome);
  });

  test('waits as long as the receiver asks for', async () => {
    receiver.answer({ status: 429, headers: { 'retry-after': '120' } });
    expect(await send()).toEqual({ kind: 'again', code: 'http-429', retryAfterMs: 120_000 });
  });

  test('gives up on a receiver that does not answer', async () => {
    receiver.answer('silence');
    expect(await send()).toEqual({ kind: 'again', code: 'timed-out' });
  });

  test('is sent once the receiver has said so, whatever it goes on to say', async () => {
    receiver.answer('endless');
    expect(await send()).toEqual({ kind: 'sent' });
  });

  test('to nobody is tried again later', async () => {
    await receiver.close();
    expect(await send()).toEqual({ kind: 'again', code: 'econnrefused' });
    receiver = await startWebhookReceiver();
  });
});
