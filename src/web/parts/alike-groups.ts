import { deedOf } from '../../domain/plain-words.ts';
import type { InboxCount } from '../../ports/approval-inbox.port.ts';
import { batchAddress } from '../batch-address.ts';
import type { InboxAddress } from '../inbox-address.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { shownText } from './shown-text.ts';

interface AlikeGroup {
  readonly tool: string;
  readonly agent: string;
  /** One of them. */
  readonly sample: string;
  readonly count: number;
}

const mostShown = 3;

/** What is asked of the viewer several times over, the most frequent first: each group leads to its own page. */
export function alikeGroups(counts: readonly InboxCount[], address: InboxAddress): Markup {
  // A part of a run's id narrows the counts, and would count fewer than the page then shows.
  const groups = address.run === undefined ? groupsIn(counts, address).slice(0, mostShown) : [];
  if (groups.length === 0) return nothing;
  return html`<ul class="alike" aria-label="Alike, asked of you">${groups.map(
    ({ tool, agent, sample, count }) =>
      html`<li><span><strong>${shownText(deedOf(tool))}</strong> <span class="muted">${shownText(agent)}</span></span> <a class="button quiet" href="${batchAddress(sample)}">Answer ${count} like this together</a></li>`,
  )}</ul>`;
}

function groupsIn(counts: readonly InboxCount[], { tool, agent, risk }: InboxAddress): readonly AlikeGroup[] {
  const groups = new Map<string, AlikeGroup>();
  for (const row of counts) {
    if (!row.askedOfViewer || row.alike === undefined) continue;
    if ((tool ?? row.tool) !== row.tool || (agent ?? row.agent) !== row.agent || (risk ?? row.risk) !== row.risk)
      continue;
    const before = groups.get(row.alike.likeness);
    const sample = before?.sample ?? row.alike.sample;
    groups.set(row.alike.likeness, {
      tool: row.tool,
      agent: row.agent,
      sample,
      count: row.count + (before?.count ?? 0),
    });
  }
  return [...groups.values()].filter(({ count }) => count > 1).toSorted((left, right) => right.count - left.count);
}
