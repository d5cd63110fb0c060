import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeskRefusal } from '../../../examples/invoice-desk/desk/desk-refusal.ts';
import { htmlToText } from '../../../examples/invoice-desk/mail/html-to-text.ts';
import { maxMessageBytes, parseMessage } from '../../../examples/invoice-desk/mail/parse-message.ts';

const head = 'From: "A" <a@a.example>\nSubject: S\nDate: Mon, 02 Nov 2026 08:14:00 +0100\n';

function nested(depth: number): string {
  let part = 'Content-Type: text/plain\n\nhello\n';
  for (let level = 0; level < depth; level += 1) {
    part = `Content-Type: multipart/mixed; boundary="b${level}"\n\n--b${level}\n${part}\n--b${level}--\n`;
  }
  return head + part;
}

test.each([
  ['a message over the limit on size', `${head}\n${'x'.repeat(maxMessageBytes)}`],
  ['parts nested too deep', nested(40)],
  ['headers over the limit', `${head}X-Padding: ${'x'.repeat(70_000)}\n\nhello`],
])('%s is refused', async (_, raw) => {
  await expect(parseMessage(raw)).rejects.toThrow(DeskRefusal);
});

test('any text parses, or is refused as itself', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 400 }), async (raw) => {
      const mail = await parseMessage(raw).catch((error: unknown) => error);
      expect(mail instanceof DeskRefusal || (mail as { receivedAt: string }).receivedAt.endsWith('Z')).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('hidden text, entities and comments come out as a reader of the source would see them', () => {
  const html =
    '<p>One<br>two</p><!-- three --><style>p{}</style><div style="display:none">f&#111;ur &amp; &#x66;ive</div>';
  expect(htmlToText(html)).toBe('One\ntwo\nfour & five');
});

test('hostile HTML costs no more than its length', () => {
  const started = performance.now();
  for (const piece of ['<', '<!--', '<script', '&#', ' \r', '<p '] as const) htmlToText(piece.repeat(60_000));
  expect(performance.now() - started).toBeLessThan(3_000);
});
