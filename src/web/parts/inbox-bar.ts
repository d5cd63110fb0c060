import type { InboxPart } from '../../api/services.ts';
import { riskTiers } from '../../domain/action.ts';
import type { InboxCount } from '../../ports/approval-inbox.port.ts';
import { addressOf, filterNames, type InboxAddress, isNarrowed } from '../inbox-address.ts';
import { html, type Markup, nothing } from '../markup.ts';

import { alikeGroups } from './alike-groups.ts';

type Facet = 'asked' | 'risk' | 'ends' | 'tool' | 'agent';

const riskNames = { high: 'High risk', medium: 'Medium risk', low: 'Low risk' } as const;

/** The filters with what each would show. Links and a form: nothing of it needs a script. */
export function inboxBar({ counts, waiting }: Pick<InboxPart, 'counts' | 'waiting'>, address: InboxAddress): Markup {
  if (waiting === 0 && !isNarrowed(address)) return html`<div id="inbox-bar"></div>`;
  return html`<div id="inbox-bar" class="inbox-bar">
<div class="inbox-links">
<nav class="tabs" aria-label="Whose answers">
${tab('Everything', address.asked === undefined, addressOf('/approvals', address, { asked: undefined }), matching(counts, address, 'asked'))}
${tab('Asked of you', address.asked === 'me', addressOf('/approvals', address, { asked: 'me' }), matching(counts, { ...address, asked: 'me' }))}
</nav>
<ul class="chips" aria-label="Priority">
${chip('Ends within the hour', address.ends === 'hour', address, { ends: 'hour' }, { ends: undefined }, counts, 'wait')}
${riskTiers.toReversed().map((risk) => chip(riskNames[risk], address.risk === risk, address, { risk }, { risk: undefined }, counts, risk === 'high' ? 'bad' : 'plain'))}
</ul></div>
${alikeGroups(counts, address)}
<div class="inbox-more">${narrowForm(counts, address)}${isNarrowed(address) ? html`<a class="small" href="/approvals">Show everything</a>` : nothing}</div>
</div>`;
}

/** How many pending approvals pass the filter; one of its parts may be left out. */
export function matching(counts: readonly InboxCount[], address: InboxAddress, without?: Facet): number {
  return counts
    .filter((row) => passes(row, without === undefined ? address : { ...address, [without]: undefined }))
    .reduce((sum, { count }) => sum + count, 0);
}

function passes(row: InboxCount, { asked, risk, ends, tool, agent }: InboxAddress): boolean {
  return (
    (asked === undefined || row.askedOfViewer) &&
    (risk === undefined || row.risk === risk) &&
    (ends === undefined || row.endsSoon) &&
    (tool === undefined || row.tool === tool) &&
    (agent === undefined || row.agent === agent)
  );
}

function tab(name: string, isHere: boolean, href: string, count: number): Markup {
  return html`<a href="${href}"${isHere ? html` aria-current="true"` : nothing}>${name} <span class="number tally">${whole(count)}</span></a>`;
}

/** A filter that is on is taken off by the same link. */
function chip(
  name: string,
  isOn: boolean,
  address: InboxAddress,
  on: Partial<InboxAddress>,
  off: Partial<InboxAddress>,
  counts: readonly InboxCount[],
  tone: 'wait' | 'bad' | 'plain',
): Markup {
  const count = matching(counts, { ...address, ...on });
  if (count === 0 && !isOn)
    return html`<li><span class="chip none">${name} <span class="number tally">0</span></span></li>`;
  return html`<li><a class="chip ${tone}" href="${addressOf('/approvals', address, isOn ? off : on)}"${isOn ? html` aria-current="true"` : nothing}>${name} <span class="number tally">${whole(count)}</span>${isOn ? html`<span class="hidden-text">, shown alone; show others too</span><span aria-hidden="true">✕</span>` : nothing}</a></li>`;
}

function narrowForm(counts: readonly InboxCount[], address: InboxAddress): Markup {
  const isOpen = [address.tool, address.agent, address.run].some((value) => value !== undefined);
  return html`<details class="more-filters" id="more-filters"${isOpen ? html` open` : nothing}><summary>By tool, agent or run</summary>
<form class="narrow" method="get" action="/approvals" role="search" aria-label="Narrow the inbox">
${(['asked', 'risk', 'ends'] as const).map((name) => (address[name] === undefined ? nothing : html`<input type="hidden" name="${name}" value="${address[name]}">`))}
${choice('tool', 'Tool', 'Every tool', counts, address)}
${choice('agent', 'Agent', 'Every agent', counts, address)}
<label for="narrow-run"><span>Run</span><input id="narrow-run" name="run" type="search" value="${address.run ?? ''}" maxlength="64" pattern="[A-Za-z0-9._\\-]+" title="Letters, digits, dot, dash and underscore" placeholder="part of its id" autocomplete="off" spellcheck="false"></label>
<button class="button quiet">Filter</button>
</form></details>`;
}

function choice(
  name: 'tool' | 'agent',
  label: string,
  all: string,
  counts: readonly InboxCount[],
  address: InboxAddress,
): Markup {
  const chosen = address[name];
  const known = counts.map((row) => row[name]).filter((value) => filterNames[name].safeParse(value).success);
  const values = [...new Set([...known, ...(chosen === undefined ? [] : [chosen])])].toSorted();
  return html`<label for="narrow-${name}"><span>${label}</span><select id="narrow-${name}" name="${name}"><option value="">${all}</option>${values.map(
    (value) =>
      html`<option value="${value}"${value === chosen ? html` selected` : nothing}>${value} (${whole(matching(counts, { ...address, [name]: value }))})</option>`,
  )}</select></label>`;
}

export function whole(count: number): string {
  return count.toLocaleString('en-US');
}
