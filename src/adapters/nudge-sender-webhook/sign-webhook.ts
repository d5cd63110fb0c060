import { createHmac } from 'node:crypto';

const keyPrefix = 'whsec_';

/**
 * The headers of a signed webhook, as Standard Webhooks 1.0 writes them: HMAC-SHA-256 over id, seconds and body.
 * A receiver that checks them knows who sent the message, that it is whole, and that it is not an old one.
 */
export function signedHeaders(id: string, atMs: number, body: string, key: string): Readonly<Record<string, string>> {
  const seconds = String(Math.floor(atMs / 1_000));
  const secret = Buffer.from(key.slice(keyPrefix.length), 'base64');
  const signature = createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` };
}
