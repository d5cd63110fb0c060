import type { SheetRow } from '../../domain/action-sheet.ts';
import { html, type Markup } from '../markup.ts';
import { exactValue, valueKind } from './exact-value.ts';
import { shownText } from './shown-text.ts';

const roles = ['route', 'unclassified', 'payload', 'inert'] as const satisfies readonly SheetRow['role'][];

const roleWords: Record<SheetRow['role'], readonly [string, string]> = {
  route: ['Where it goes', 'decides who or what is affected'],
  unclassified: ['Not classified', 'nobody has said what these decide'],
  payload: ['What it carries', 'content, passed on as it is'],
  inert: ['Details', 'without effect on the outside'],
};

/** Every argument by what it decides, the decisive ones first; each with its exact value. */
export function argumentTable(rows: readonly SheetRow[]): Markup {
  if (rows.length === 0) return html`<p class="muted">It takes no arguments.</p>`;
  return html`${roles.map((role) =>
    group(
      role,
      rows.filter((row) => row.role === role),
    ),
  )}`;
}

function group(role: SheetRow['role'], rows: readonly SheetRow[]): Markup | '' {
  if (rows.length === 0) return '';
  const [title, meaning] = roleWords[role];
  return html`<div class="role"><h3>${title} <span class="muted">${meaning}</span></h3>
<dl class="arguments">${rows.map(
    (row) =>
      html`<div class="argument"><dt><code>${shownText(row.path)}</code> <span class="kind">${valueKind(row)}</span></dt><dd>${exactValue(row)}</dd></div>`,
  )}</dl></div>`;
}
