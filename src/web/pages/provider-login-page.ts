import { html, type Markup } from '../markup.ts';
import { type Notice, noticeBox } from '../parts/notice.ts';
import { shownText } from '../parts/shown-text.ts';

/** One way in: the pages of the identity provider. A link, since a form may lead nowhere but to ourselves. */
export function providerLoginPage(providerName: string, returnTo: string, notice?: Notice): Markup {
  return html`<div class="login">
${noticeBox(notice, 'alert')}
<div class="page-head"><h1>Sign in</h1></div>
<p class="muted lead">You sign in at ${shownText(providerName)}, and come back here.</p>
<p><a class="button primary" href="/login/start?to=${encodeURIComponent(returnTo)}"><span>Sign in at ${shownText(providerName)}</span></a></p>
</div>`;
}
