import type { RunView } from '../../contracts/http/run.schema.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { runBadge } from '../parts/badge.ts';
import { moment } from '../parts/moment.ts';
import { spanText } from '../time-text.ts';

/** Runs, newest first. `next` is the cursor of older ones. */
export function runsPage(runs: readonly RunView[], next: string | undefined, now: number): Markup {
  return html`<div class="page-head"><h1>Runs</h1><p class="muted">Newest first.</p></div>
${runs.length === 0 ? noRuns : runsTable(runs, now)}
${next === undefined ? nothing : html`<p class="more"><a class="button" href="/runs?cursor=${encodeURIComponent(next)}">Older runs</a></p>`}`;
}

const noRuns: Markup = html`<div class="card empty"><h2>No run yet</h2>
<p class="muted">Start one from a terminal:</p>
<p><code>npx countersign run invoice-desk --task "Work through the mailbox."</code></p></div>`;

function runsTable(runs: readonly RunView[], now: number): Markup {
  return html`<div class="card table-frame"><table>
<thead><tr><th scope="col">Run</th><th scope="col">State</th><th scope="col">Agent</th><th scope="col">Started</th><th scope="col" class="right">Took</th><th scope="col" class="right">Calls</th></tr></thead>
<tbody>${runs.map((run) => runRow(run, now))}</tbody>
</table></div>`;
}

function runRow(run: RunView, now: number): Markup {
  const took = (run.closedAt === undefined ? now : Date.parse(run.closedAt)) - Date.parse(run.startedAt);
  return html`<tr>
<th scope="row"><a class="mono" href="/runs/${run.runId}">${run.runId}</a></th>
<td>${runBadge(run.state)}${run.pendingApprovals > 0 ? html` <a class="small" href="/approvals">${run.pendingApprovals} to answer</a>` : nothing}</td>
<td>${run.agent} <span class="muted">v${run.version}</span></td>
<td>${moment(run.startedAt, now)}</td>
<td class="right number" data-label="Took">${spanText(took)}</td>
<td class="right number" data-label="Calls">${run.usage.toolCalls}</td>
</tr>`;
}
