import type { ActionSheet } from '../../domain/action-sheet.ts';
import { textOf } from '../../domain/sheet-headline.ts';
import { headlineOf } from '../action-headline.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { shortValue } from './exact-value.ts';
import { moneyText } from './money.ts';
import { shownText } from './shown-text.ts';

const longestName = 80;

/** What the answer is about, where the buttons are: on a phone the headline is far above them. */
export function answerRecap({ tool, rows, records }: ActionSheet): Markup {
  const { deed, money } = headlineOf(tool, rows);
  const name = records.map(textOf).find((text) => text.length <= longestName && !text.includes('\n'));
  return html`<p class="recap"><strong>${shownText(deed)}${money === undefined ? nothing : html` of ${moneyText(money)}`}</strong>${name === undefined ? nothing : html` · ${shortValue(name)}`}</p>`;
}
