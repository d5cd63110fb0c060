import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mailMessage } from '../../../src/adapters/nudge-sender-smtp/mail-message.ts';
import { webhookBody } from '../../../src/adapters/nudge-sender-webhook/webhook-body.ts';
import { type Nudge, nudgeOccasions, nudgeWords } from '../../../src/domain/nudge.ts';
import { nudge } from './nudge-fixture.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('x\r\nBcc: a@b.test', '<!channel>', '<https://evil.test|here>', '"><script>', '\u202Egnp', '@here'),
);
const anyNudge = fc
  .record({ agent: anyText, tool: anyText, deed: anyText, occasion: fc.constantFrom(...nudgeOccasions) })
  .map((change): Nudge => ({ ...nudge, ...change }));

test('whatever a name holds, words are lines of plain signs that open no tag, mention and header', () => {
  fc.assert(
    fc.property(anyNudge, (any) => {
      const { subject, sentences } = nudgeWords(any);
      for (const line of [subject, ...sentences]) expect(line).toMatch(/^[A-Za-z0-9 ._:;,()?-]{1,600}$/);
    }),
  );
});

test('whatever a name holds, a message stays small and has one link', () => {
  fc.assert(
    fc.property(anyNudge, (any) => {
      const { html } = mailMessage(any);
      expect([...html.matchAll(/<a /g)]).toHaveLength(1);
      expect([...html.matchAll(/<(?!\/?(?:html|body|p|a|!doctype)\b)/g)]).toEqual([]);
      const { text } = JSON.parse(webhookBody(any)) as { readonly text: string };
      expect(text).not.toMatch(/[<>@]/);
      expect(text.length).toBeLessThan(4_000);
    }),
  );
});
