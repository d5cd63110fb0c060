import { html, type Markup, nothing } from '../markup.ts';
import type { Tone } from './badge.ts';
import { shownText } from './shown-text.ts';

export interface Notice {
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
}

/** What just happened, or why something is not possible: said once, at the place where it matters. */
export function noticeBox(notice: Notice | undefined, role: 'alert' | 'note' = 'note'): Markup {
  if (notice === undefined) return nothing;
  return html`<div class="notice ${notice.tone}" role="${role}"><p><strong>${shownText(notice.title)}</strong> ${shownText(notice.text)}</p></div>`;
}
