import type { InboxItem } from '../../api/services.ts';
import { deedOf } from '../../domain/plain-words.ts';
import { html, type Markup } from '../markup.ts';
import { riskBadge } from '../parts/badge.ts';
import { moment, timeLeft } from '../parts/moment.ts';
import { noticeBox } from '../parts/notice.ts';
import { shownText } from '../parts/shown-text.ts';

/** A pending approval whose content is lost: what is still known, and what to do. There is nothing to answer. */
export function unreadableApprovalPage(item: InboxItem, now: number): Markup {
  const { tool, agent, runId, createdAt, expiresAt, approvalId } = item;
  return html`<p class="crumb"><a href="/approvals">← Inbox</a></p>
<div class="card section problem"><p class="eyebrow"><span>${shownText(agent)} asks</span> ${riskBadge(item.risk)}</p>
<h1>${shownText(deedOf(tool))}</h1>
${noticeBox({ tone: 'bad', title: 'What was asked cannot be read.', text: 'It is missing from the store, or was changed there. What nobody can see, nobody can approve.' })}
<ul class="steps"><li>Leave it: it ends by itself, as a rejection. <strong>${timeLeft(expiresAt, now)}</strong></li>
<li>Or end it now: stop the <a href="/runs/${runId}">run that asked</a>.</li>
<li>Or restore the data folder from a backup, and reload this page.</li></ul>
<dl class="pairs">
<div><dt>Tool</dt><dd><code>${shownText(tool)}</code></dd></div>
<div><dt>Asked</dt><dd>${moment(createdAt, now)}</dd></div>
<div><dt>Run</dt><dd><a class="mono" href="/runs/${runId}">${runId}</a></dd></div>
<div><dt>Approval</dt><dd><code>${approvalId}</code></dd></div>
</dl></div>`;
}
