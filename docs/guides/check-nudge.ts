// docs/guides/check-nudge.ts
import { createHmac, timingSafeEqual } from 'node:crypto';

const maxAgeSeconds = 300;

/** Whether Countersign signed this request, not long ago. `body` is the text as it came in, before any parsing. */
export function isFromCountersign(headers: Headers, body: string, key: string): boolean {
  const id = headers.get('webhook-id') ?? '';
  const sentAt = headers.get('webhook-timestamp') ?? '';
  if (!(Math.abs(Date.now() / 1_000 - Number(sentAt)) <= maxAgeSeconds)) return false;
  const secret = Buffer.from(key.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', secret).update(`${id}.${sentAt}.${body}`).digest();
  return (headers.get('webhook-signature') ?? '').split(' ').some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
