import type { ApprovalDetail } from '../../api/approvals/approval-service.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { type Installation, personName } from '../page.ts';
import { dayTime } from './moment.ts';

/** Whose right his answer would use, said before he gives it. */
export function answersFor({ lent }: Pick<ApprovalDetail, 'lent'>, installation: Installation): Markup {
  if (lent === undefined) return nothing;
  return html`<p class="notice plain">You answer for <strong>${personName(lent.from, installation)}</strong> (until ${dayTime(lent.ends)}). Your own name stands on it, and you count as one with whoever else answers for the same person.</p>`;
}
