import type { ActionSheet, SheetRecord } from '../../domain/action-sheet.ts';
import { labelOf } from '../../domain/plain-words.ts';
import { textOf } from '../../domain/sheet-headline.ts';
import { unusualCharacters } from '../../domain/unusual-characters.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { shortValue } from './exact-value.ts';
import { shownText } from './shown-text.ts';

/** Whom an id stands for, as the operator's own records have it; the model had no part in it. */
export function recordField({ label, json }: SheetRecord, hint: (text: string) => Markup = oddHint): Markup {
  const value = textOf({ json });
  return html`<div><dt>${shownText(labelOf(label))} <span class="muted">from your records</span></dt><dd>${shortValue(value)}${hint(value)}</dd></div>`;
}

export function oddHint(text: string): Markup {
  const { length } = unusualCharacters(text);
  if (length === 0) return nothing;
  return html`<p class="odd-hint">${length === 1 ? 'One character is' : `${length} characters are`} not what ${length === 1 ? 'it looks' : 'they look'} like; <a href="#arguments">see below</a>.</p>`;
}

/** A contradiction with the operator's records is said beside the value, and not only further down. */
export function disagreement({ facts }: ActionSheet): Markup {
  const failed = Object.entries(facts).filter(([, holds]) => !holds);
  if (failed.length === 0) return nothing;
  return html`<div class="notice bad disagree" role="note"><p><strong>Your own records disagree:</strong> ${shownText(failed.map(([relation]) => labelOf(relation)).join(', '))}.</p></div>`;
}
