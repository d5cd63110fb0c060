import { type Nudge, nudgeWords } from '../../domain/nudge.ts';

/** What Slack and receivers like it show, and the same as fields for programs. */
export function webhookBody(nudge: Nudge): string {
  const { nudgeId, occasion, approvalId, agent, tool, risk, expiresAt, url } = nudge;
  const { subject, sentences } = nudgeWords(nudge);
  return JSON.stringify({
    text: [subject, ...sentences, url].join('\n'),
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: sentences.join('\n') } },
      // a link and no button: chats send the press of a button back, and nobody listens here
      { type: 'section', text: { type: 'mrkdwn', text: `<${url}>` } },
    ],
    countersign: { v: 1, nudgeId, occasion, approvalId, agent, tool, risk, expiresAt, url },
  });
}
