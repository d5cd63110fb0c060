import type { ApprovalDetail } from '../../api/approvals/approval-service.ts';
import { html, type Markup } from '../markup.ts';
import type { Viewer } from '../page.ts';
import { offersAnswer } from '../parts/decision-panel.ts';
import { type EditDraft, editForm } from '../parts/edit-form.ts';
import { howItStands } from '../parts/how-it-stands.ts';
import { shownText } from '../parts/shown-text.ts';

/** A page of its own, apart from the panel that decides: it holds the agent's text in a field. */
export function editPage(detail: ApprovalDetail, viewer: Viewer, draft: EditDraft | undefined, now: number): Markup {
  const { view } = detail;
  const isOffered = offersAnswer(detail) && view.kind === 'tool-call';
  return html`<p class="crumb"><a href="/approvals/${view.approvalId}">← Back to the request</a></p>
<section class="card section" aria-labelledby="changing"><h1 id="changing">Change the arguments</h1>
<p>Of <code>${shownText(view.tool)}</code>. Somebody else is then asked about what you wrote; your own approval cannot count for it.</p>
${isOffered ? editForm(detail, viewer, draft) : howItStands(detail, viewer, now)}</section>`;
}
