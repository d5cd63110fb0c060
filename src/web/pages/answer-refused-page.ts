import type { ErrorCode } from '../../domain/error-registry.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { noticeBox } from '../parts/notice.ts';
import { refusalWords } from '../refusal-words.ts';

/** After somebody signed in again for an answer that was not taken: why, and the way to try once more. */
export function answerRefusedPage(code: ErrorCode, providerName: string, approvalId: string | undefined): Markup {
  return html`<section class="card section"><h1>Your answer was not taken</h1>
${noticeBox({ tone: 'bad', ...wordsOf(code, providerName) }, 'alert')}
${approvalId === undefined ? nothing : html`<p><a class="button" href="/approvals/${approvalId}">Back to the request</a></p>`}
<p><a href="/approvals">Go to the inbox</a></p></section>`;
}

function wordsOf(code: ErrorCode, providerName: string): { readonly title: string; readonly text: string } {
  switch (code) {
    case 'step-up-required':
      return {
        title: 'It was not proven that this is your answer.',
        text: `Answer again, and sign in at ${providerName} within ten minutes, as the person that you are here. If your roles have changed meanwhile, sign out and in first.`,
      };
    case 'reauthentication-stale':
      return {
        title: 'Nothing waits for this sign-in.',
        text: 'It was used already, took longer than ten minutes, or was begun in another browser or session. Open the request and answer again.',
      };
    case 'identity-provider-unavailable':
      return {
        title: 'The identity provider does not answer.',
        text: 'Nothing was changed. Answer again in a moment, or with a passkey.',
      };
    default:
      return refusalWords(code);
  }
}
