import type { PasskeyView } from '../../contracts/http/passkey.schema.ts';
import type { PasskeyState } from '../../domain/passkey.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { type Installation, personName, type Viewer } from '../page.ts';
import { badge, type Tone } from '../parts/badge.ts';
import { moment } from '../parts/moment.ts';
import { type Notice, noticeBox } from '../parts/notice.ts';
import { shownText } from '../parts/shown-text.ts';

export interface PasskeysPage {
  readonly items: readonly PasskeyView[];
  readonly viewer: Viewer;
  readonly notice?: Notice;
}

/** A person's passkeys, and those of others that wait for him. */
export function passkeysPage({ items, viewer, notice }: PasskeysPage, installation: Installation, now: number): Markup {
  const own = items.filter(({ subject }) => subject === viewer.identity.subject);
  const others = items.filter(({ subject }) => subject !== viewer.identity.subject);
  const waiting = others.filter(({ may }) => may.confirm);
  const rest = others.filter(({ may }) => !may.confirm);
  const list = (passkeys: readonly PasskeyView[]) =>
    html`<ul class="card rows passkeys">${passkeys.map((passkey) => passkeyRow(passkey, viewer, installation, now))}</ul>`;
  return html`${noticeBox(notice, 'alert')}
<div class="page-head"><h1>Passkeys</h1>
<p class="muted">Where policy asks for it, your passkey signs your answer. A new passkey counts once a second person has confirmed that it is yours.</p></div>
<section class="group"><h2>Yours</h2>
${own.length === 0 ? noneYet : list(own)}
${enrolForm(viewer)}</section>
${
  waiting.length === 0
    ? nothing
    : html`<section class="group"><h2>Waiting for your confirmation</h2>
<p class="muted">Ask the owner, face to face or in a call, whether he has just enrolled a passkey, and compare the fingerprint. If it differs, do not confirm it.</p>${list(waiting)}</section>`
}
${rest.length === 0 ? nothing : html`<section class="group"><h2>Other people’s</h2>${list(rest)}</section>`}`;
}

const noneYet: Markup = html`<div class="card empty"><h3>You have none yet</h3>
<p class="muted">Add one on the device that you answer from: a security key, or what unlocks your phone or computer.</p></div>`;

function enrolForm({ csrfToken }: Viewer): Markup {
  return html`<form class="enrol" data-passkey="enrol" data-refused="No passkey was made.">
<input type="hidden" name="csrf" value="${csrfToken}">
<p class="notice bad" role="alert" hidden></p>
<noscript><p class="notice plain">A passkey is made by script, which is off in this browser.</p></noscript>
<button class="button">Add a passkey</button>
</form>`;
}

const stateWords: Record<PasskeyState, readonly [string, Tone]> = {
  waiting: ['Waits for a second person', 'wait'],
  confirmed: ['Confirmed', 'good'],
  revoked: ['Revoked', 'plain'],
};

function passkeyRow(passkey: PasskeyView, viewer: Viewer, installation: Installation, now: number): Markup {
  const { passkeyId, subject, state, fingerprint, may } = passkey;
  const isOwn = subject === viewer.identity.subject;
  return html`<li class="row" id="${passkeyId}" data-state="${state}"><div class="row-main">
<h3>${isOwn ? nothing : html`${personName(subject, installation)} `}<code>${shownText(fingerprint)}</code> ${badge(...stateWords[state])}</h3>
<p class="small muted">${history(passkey, installation, now)}</p></div>
<div class="buttons">${may.revoke ? deed(passkeyId, 'revoke', 'Revoke', viewer, fingerprint) : nothing}${may.confirm ? deed(passkeyId, 'confirm', 'Confirm', viewer, fingerprint) : nothing}</div>
</li>`;
}

function history(passkey: PasskeyView, installation: Installation, now: number): Markup {
  const { enrolledAt, confirmedBy, confirmedAt, revokedBy, revokedAt } = passkey;
  const by = (done: string, who: string | undefined, at: string | undefined) =>
    who === undefined || at === undefined
      ? nothing
      : html` · ${done} by ${personName(who, installation)} ${moment(at, now)}`;
  return html`Enrolled ${moment(enrolledAt, now)}${by('confirmed', confirmedBy, confirmedAt)}${by('revoked', revokedBy, revokedAt)}`;
}

function deed(passkeyId: string, name: string, label: string, { csrfToken }: Viewer, fingerprint: string): Markup {
  return html`<form method="post" action="/passkeys/${passkeyId}/${name}"><input type="hidden" name="csrf" value="${csrfToken}">
<button class="button${name === 'revoke' ? ' refuse' : ''}">${label}<span class="hidden-text"> ${fingerprint}</span></button></form>`;
}
