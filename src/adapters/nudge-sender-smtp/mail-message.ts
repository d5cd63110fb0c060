import { type Nudge, nudgeWords } from '../../domain/nudge.ts';

export interface MailMessage {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Plain text, and the same as simple HTML: no image, no style sheet, one link. */
export function mailMessage(nudge: Nudge): MailMessage {
  const { subject, sentences } = nudgeWords(nudge);
  const paragraphs = sentences.map((sentence) => `<p>${escaped(sentence)}</p>`);
  const link = escaped(nudge.url);
  return {
    subject,
    text: `${[...sentences, nudge.url].join('\n\n')}\n`,
    html: `<!doctype html>\n<html lang="en"><body>${paragraphs.join('')}<p><a href="${link}">${link}</a></p></body></html>\n`,
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
