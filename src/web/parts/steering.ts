import { randomUUID } from 'node:crypto';
import { maxSteerLength, type SteerMessageView } from '../../contracts/http/steering.schema.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { type Installation, personName, type Viewer } from '../page.ts';
import { shownText } from './shown-text.ts';

/** What the principal said to the run, and what became of it. */
export function saidMessage(message: SteerMessageView, installation: Installation): Markup {
  return html`<figure class="said steering" id="${message.steerId}"><figcaption><strong>${personName(message.by, installation)}</strong> said to the run <span class="muted">· ${standing(message)}</span></figcaption><blockquote>${shownText(message.text)}</blockquote></figure>`;
}

function standing({ state, takenTurn }: SteerMessageView): string {
  switch (state) {
    case 'taken':
      return `read in turn ${takenTurn ?? ''}`;
    case 'unread':
      return 'not read: the run ended first';
    case 'waiting':
      return 'the next turn reads it';
    default:
      return state satisfies never;
  }
}

/** Beside the form that stops the run. The key makes a form that is sent twice one message. */
export function steerForm(runId: string, { csrfToken }: Viewer, draft: string | undefined): Markup {
  return html`<details class="cancel" id="steer"${draft === undefined ? nothing : html` open`}><summary>Say something to this run</summary>
<form method="post" action="/runs/${runId}/steer"><p class="small muted">Its next turn reads it, as your own words. What the run may do stays as it is.</p>
<input type="hidden" name="csrf" value="${csrfToken}"><input type="hidden" name="key" value="${randomUUID()}">
<label for="steer-text">Message</label>
<textarea id="steer-text" name="text" rows="4" maxlength="${maxSteerLength}" autocomplete="off" required>${draft ?? ''}</textarea>
<button class="button">Send</button></form></details>`;
}
