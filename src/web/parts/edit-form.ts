import type { ApprovalDetail } from '../../api/approvals/approval-service.ts';
import { maxReasonLength } from '../../contracts/http/approval.schema.ts';
import type { FieldError } from '../../domain/countersign-error.ts';
import type { JsonObject } from '../../domain/json.ts';
import { readCharacters } from '../../domain/unusual-characters.ts';
import { html, type Markup, nothing } from '../markup.ts';
import type { Viewer } from '../page.ts';
import { shownText } from './shown-text.ts';
import { type AnswerButton, answerButtons, stepUpAttributes, stepUpFields } from './step-up-fields.ts';

/** An edit that was just sent and not taken, so that nobody has to write it again. */
export interface EditDraft {
  readonly args: string;
  readonly reason: string;
  readonly errors: readonly FieldError[];
}

/** Characters of JSON beyond which a text field is no place to edit it. */
const maxOffered = 20_000;

/** All the arguments in one field, and what was wrong with them before. Works without script. */
export function editForm(detail: ApprovalDetail, { csrfToken }: Viewer, draft: EditDraft | undefined): Markup {
  const { view, answerable } = detail;
  const text = draft?.args ?? editableJson(view.args);
  if (text.length > maxOffered) return tooLong(view.approvalId, answerable);
  return html`<form method="post" action="/approvals/${view.approvalId}/verdicts" class="answer edit"${stepUpAttributes(detail)}>
<input type="hidden" name="csrf" value="${csrfToken}"><input type="hidden" name="actionDigest" value="${view.actionDigest}">
${stepUpFields(detail)}
${draft === undefined ? nothing : refusal(draft.errors)}
<label for="edit-args">Arguments <span class="muted">as JSON; unusual characters stand as \\u escapes</span></label>
<textarea id="edit-args" name="args" class="mono" rows="${Math.min(24, text.split('\n').length + 1)}" spellcheck="false" autocomplete="off" required>${text}</textarea>
<label for="edit-reason">Reason <span class="muted">kept with your change</span></label>
<textarea id="edit-reason" name="reason" rows="2" maxlength="${maxReasonLength}" autocomplete="off">${draft?.reason ?? ''}</textarea>
${answerButtons(detail, [change])}
</form>`;
}

const change: AnswerButton = { verdict: 'edit', words: 'change and ask somebody else', tone: 'primary' };

function tooLong(approvalId: string, answerable: ApprovalDetail['answerable']): Markup {
  if (answerable === 'step-up-required')
    return html`<p class="small">These arguments are too long for a form, and nothing else can prove who changed them. Reject the request and say why.</p>`;
  return html`<p class="small">These arguments are too long for a form. Use <code>countersign approvals edit ${approvalId} --args FILE</code>.</p>`;
}

function refusal(errors: readonly FieldError[]): Markup {
  return html`<div class="notice bad" role="alert"><p><strong>Your change was not taken.</strong></p>
<ul>${errors.map(({ path, rule }) => html`<li><code>${shownText(path === '' ? 'args' : path)}</code> ${shownText(rule)}</li>`)}</ul></div>`;
}

/** The arguments as JSON, with an escape for whatever is not what it looks like: a text field cannot mark it. */
export function editableJson(args: JsonObject): string {
  return readCharacters(JSON.stringify(args, null, 2))
    .map((part) => (part.kind === 'unusual' ? escaped(part.text) : part.text))
    .join('');
}

function escaped(text: string): string {
  return Array.from(
    { length: text.length },
    (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
