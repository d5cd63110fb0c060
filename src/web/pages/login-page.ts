import type { Identity } from '../../ports/directory.port.ts';
import { html, type Markup } from '../markup.ts';
import { type Notice, noticeBox } from '../parts/notice.ts';

const mayDo: Readonly<Record<string, string>> = {
  initiator: 'starts runs and follows them',
  approver: 'answers approvals',
  lead: 'answers approvals that ask for a lead',
  auditor: 'reads everything, changes nothing',
  admin: 'looks after agents, policies and holds',
};

/** The development identities as cards. Each is a form of its own: it works without script, and with the keyboard. */
export function loginPage(offered: readonly Identity[], returnTo: string, notice?: Notice): Markup {
  return html`<div class="login">
${noticeBox(notice, 'alert')}
<div class="page-head"><h1>Sign in</h1></div>
${offered.length === 0 ? noIdentities : identities(offered, returnTo)}
</div>`;
}

const noIdentities: Markup = html`<div class="card section"><p>Development sign-in is off here, and no other way to sign in is set up.</p></div>`;

function identities(offered: readonly Identity[], returnTo: string): Markup {
  return html`<p class="muted lead">Development sign-in, works only on this machine. Choose who you are; there is no password.</p>
<ul class="people">${offered.map((identity) => personCard(identity, returnTo))}</ul>`;
}

function personCard({ subject, displayName, roles }: Identity, returnTo: string): Markup {
  const deeds = roles.map((role) => mayDo[role] ?? role).join('; ');
  return html`<li><form method="post" action="/login" class="card person">
<input type="hidden" name="subject" value="${subject}"><input type="hidden" name="to" value="${returnTo}">
<span class="initials" aria-hidden="true">${initialsOf(displayName)}</span>
<div class="grow"><h2>${displayName}</h2><p class="small muted">${deeds === '' ? 'has no role' : deeds}</p></div>
<button class="button">Sign in<span class="hidden-text"> as ${displayName}</span></button>
</form></li>`;
}

function initialsOf(name: string): string {
  return name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => Array.from(word)[0] ?? '')
    .join('');
}
