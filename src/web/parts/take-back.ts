import type { ApprovalDetail } from '../../api/approvals/approval-service.ts';
import { html, type Markup, nothing } from '../markup.ts';
import type { Viewer } from '../page.ts';

/** For whoever has answered, while nothing has come of it: the way back. */
export function takeBack({ view, withdrawable }: ApprovalDetail, { csrfToken }: Viewer): Markup {
  if (!withdrawable) return nothing;
  const meaning =
    view.state === 'approved'
      ? 'It has not begun yet. Taken back now, it is not carried out.'
      : 'Taken back, it counts no more, and you can answer again.';
  return html`<form method="post" action="/approvals/${view.approvalId}/withdraw" class="take-back">
<input type="hidden" name="csrf" value="${csrfToken}">
<button class="button refuse">Take my answer back</button> <span class="small muted">${meaning}</span>
</form>`;
}
