import { randomUUID } from 'node:crypto';
import { maxNoteLength, type NoteView } from '../../contracts/http/note.schema.ts';
import { isWithdrawable } from '../../domain/verdict-withdrawal.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { type Installation, personName, type Viewer } from '../page.ts';
import { moment } from './moment.ts';
import { shownText } from './shown-text.ts';

export interface NoteList {
  readonly approvalId: string;
  readonly state: string;
  readonly notes: readonly NoteView[];
  readonly viewer: Viewer;
}

/** Questions to colleagues and their answers: people's words, and nobody's verdict. */
export function noteList(
  { approvalId, state, notes, viewer }: NoteList,
  installation: Installation,
  now: number,
): Markup {
  const isOpen = isWithdrawable(state);
  if (!isOpen && notes.length === 0) return nothing;
  return html`<div class="notes"><h3>Among colleagues</h3>
${notes.length === 0 ? html`<p class="small muted">Unsure? Ask here, and send this page’s address to whoever knows. The agent never reads it.</p>` : saidNotes(notes, installation, now)}
${isOpen ? noteForm(approvalId, viewer) : nothing}</div>`;
}

/** What was said, where nothing can be added: whoever answers in another place has read it all the same. */
export function notesSaid(notes: readonly NoteView[], installation: Installation, now: number): Markup {
  if (notes.length === 0) return nothing;
  return html`<div class="notes"><h3>Among colleagues</h3>${saidNotes(notes, installation, now)}</div>`;
}

function saidNotes(notes: readonly NoteView[], installation: Installation, now: number): Markup {
  return html`<ul>${notes.map((note) => noteItem(note, installation, now))}</ul>`;
}

function noteItem({ noteId, by, at, text }: NoteView, installation: Installation, now: number): Markup {
  return html`<li id="${noteId}"><strong>${personName(by, installation)}</strong> <span class="muted">${moment(at, now)}</span>
<blockquote>${shownText(text)}</blockquote></li>`;
}

/** The key makes a form that is sent twice one note. */
function noteForm(approvalId: string, { csrfToken }: Viewer): Markup {
  return html`<details id="ask"><summary>Ask or answer a colleague</summary>
<form method="post" action="/approvals/${approvalId}/notes">
<input type="hidden" name="csrf" value="${csrfToken}"><input type="hidden" name="key" value="${randomUUID()}">
<label for="note-text">Note <span class="muted">it is no answer to the request</span></label>
<textarea id="note-text" name="text" rows="3" maxlength="${maxNoteLength}" autocomplete="off" required></textarea>
<button class="button">Add the note</button></form></details>`;
}
