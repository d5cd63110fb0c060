import { type ActionSheet, changedRows, type SheetRow } from '../../domain/action-sheet.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { type Installation, personName } from '../page.ts';
import { exactValue } from './exact-value.ts';
import { shownText } from './shown-text.ts';

/** What a person changed: each argument that differs, whole, as it was and as it is. From the sheet and nothing else. */
export function changeSection({ edited, rows }: ActionSheet, installation: Installation): Markup {
  if (edited === undefined) return nothing;
  const changes = changedRows(edited.before, rows);
  return html`<section class="section" id="changed" aria-labelledby="changes"><h2 id="changes">What was changed</h2>
<p><strong>${personName(edited.by, installation)}</strong> changed what the agent had asked for, and cannot approve it.
<a href="/approvals/${edited.approvalId}">See the first request</a></p>
<dl class="arguments changes">${changes.map(
    ({ path, before, after }) => html`<div class="argument"><dt><code>${shownText(path)}</code></dt>
<dd><p class="small muted">Before</p>${valueOf(before)}</dd><dd><p class="small muted">Now</p>${valueOf(after)}</dd></div>`,
  )}</dl></section>`;
}

function valueOf(row: SheetRow | undefined): Markup {
  return row === undefined ? html`<span class="muted">not given</span>` : exactValue(row);
}
