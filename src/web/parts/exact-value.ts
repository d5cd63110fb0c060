import type { SheetRow } from '../../domain/action-sheet.ts';
import { textOf } from '../../domain/sheet-headline.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { accountText } from './money.ts';
import { bothWays, shownText } from './shown-text.ts';

/** Characters from which on a value gets a scroll area of its own, with its size and its end. */
const longValue = 1_200;
const endShown = 240;

/** The whole value of an argument, exactly: nothing is shortened, and nothing in it can hide. */
export function exactValue(row: SheetRow): Markup {
  const text = textOf(row);
  if (text === '') return html`<span class="muted">empty text</span>`;
  if (text.length > longValue) return html`${longText(row.path, text)}${bothWays(text)}`;
  return html`${shortValue(text)}${edgeNote(text)}${bothWays(text)}`;
}

/** A short value in a line of its own kind: account numbers in groups, everything else as it is. */
export function shortValue(text: string): Markup {
  return accountText(text) ?? shownText(text);
}

/** What kind of JSON value it is: "12" and 12 are different bytes. */
export function valueKind(row: SheetRow): string {
  const value: unknown = JSON.parse(row.json);
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'yes/no';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'empty object' : 'object';
  return typeof value === 'number' ? 'number' : 'text';
}

function longText(path: string, text: string): Markup {
  const bytes = new TextEncoder().encode(text).length;
  return html`<div class="long">
    <p class="long-size"><strong>Long value</strong>: <span class="number">${whole(text.length)}</span> characters,
      <span class="number">${whole(bytes)}</span> bytes. All of it is here; scroll to read it.</p>
    <div class="long-text" tabindex="0" role="region" aria-label="Whole value of ${path}">${shownText(text)}</div>
    <p class="long-end"><span class="muted">It ends:</span> ${shownText(text.slice(-endShown).toWellFormed())}</p>
  </div>`;
}

/** Spaces at the edges cannot be seen. */
function edgeNote(text: string): Markup {
  const before = /^[ \n\r]/.test(text);
  const after = /[ \n\r]$/.test(text);
  if (!before && !after) return nothing;
  const where = before && after ? 'begins and ends' : before ? 'begins' : 'ends';
  return html`<p class="odd-note">This value ${where} with white space.</p>`;
}

function whole(count: number): string {
  return count.toLocaleString('en-US');
}
