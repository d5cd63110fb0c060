import type { ApprovalDetail } from '../../api/approvals/approval-service.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { shownText } from './shown-text.ts';

type StepUpDetail = Pick<ApprovalDetail, 'view' | 'passkey' | 'reauthentication'>;

/** Whether this person has something to prove an answer with, where policy asks for that. */
export function canStepUp({ passkey, reauthentication }: Omit<StepUpDetail, 'view'>): boolean {
  return passkey === 'confirmed' || reauthentication !== undefined;
}

/** Of a form whose answer a passkey signs; the script of the page reads them. */
export function stepUpAttributes({ view, passkey }: StepUpDetail): Markup {
  if (passkey !== 'confirmed') return nothing;
  return html` data-passkey="answer" data-challenges="/v1/approvals/${view.approvalId}/challenges" data-refused="Your passkey signed nothing, so no answer was sent."`;
}

/** Beside the fields of such a form. */
export function stepUpFields({ passkey, reauthentication }: StepUpDetail): Markup {
  if (passkey === 'confirmed') return passkeyFields;
  if (reauthentication === undefined) return nothing;
  return html`<p class="small">Policy asks for more than this sign-in: you sign in at <strong>${shownText(reauthentication)}</strong> again, for exactly this answer to exactly this action.</p>`;
}

const passkeyFields: Markup = html`<input type="hidden" name="stepUp" value="">
<p class="small">Policy asks for your passkey: it signs exactly this answer to exactly this action.</p>
<p class="notice bad" role="alert" hidden></p>
<noscript><p class="notice plain">Passkeys need script, which is off in this browser.</p></noscript>`;

/** One way to send the form: which answer, in which words, and how loud. */
export interface AnswerButton {
  readonly verdict: 'approve' | 'reject' | 'edit';
  readonly words: string;
  readonly tone: '' | 'primary' | 'refuse';
}

/** The buttons in this order: with the passkey, or for the provider, or first one and then the other. */
export function answerButtons(detail: StepUpDetail, buttons: readonly AnswerButton[]): Markup {
  const { view, passkey, reauthentication } = detail;
  const address = `/approvals/${view.approvalId}/reauthentications`;
  const again = (tone: (button: AnswerButton) => string): Markup =>
    html`<div class="buttons">${buttons.map((button) => html`<button class="button ${tone(button)}" name="verdict" value="${button.verdict}" formaction="${address}">Sign in again to ${button.words}</button>`)}</div>`;
  if (reauthentication !== undefined && passkey !== 'confirmed') return again(({ tone }) => tone);
  return html`<div class="buttons">${buttons.map(({ verdict, words, tone }) => html`<button class="button ${tone}" name="verdict" value="${verdict}">${capital(words)}</button>`)}</div>
${reauthentication === undefined ? nothing : html`<p class="small">Or sign in at <strong>${shownText(reauthentication)}</strong> again, for exactly this answer:</p>${again(() => '')}`}`;
}

function capital(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
