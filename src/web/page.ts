import type { Identity } from '../ports/directory.port.ts';
import type { Assets } from './load-assets.ts';
import { html, type Markup, nothing } from './markup.ts';
import { shownText } from './parts/shown-text.ts';

/** What is the same on every page of one installation. */
export interface Installation {
  readonly assets: Assets;
  /** Shown on every page where it is not empty: what kind of installation this is, and what it is not for. */
  readonly notice: string;
  /** A name by subject, as far as the directory knows one. */
  nameOf(subject: string): string | undefined;
}

/** Whose page it is. */
export interface Viewer {
  readonly identity: Identity;
  readonly csrfToken: string;
}

export interface Page {
  readonly title: string;
  readonly body: Markup;
  readonly viewer?: Viewer;
  readonly place?: 'inbox' | 'runs' | 'passkeys' | 'delegations';
  /** Pending approvals, for the count beside the inbox. */
  readonly waiting?: number;
}

/** A whole document. */
export function renderPage(page: Page, { assets, notice }: Installation): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${page.title} · Countersign</title>
<link rel="icon" href="${assets.icon.address}" type="image/svg+xml">
<link rel="stylesheet" href="${assets.style.address}">
<script src="${assets.script.address}" defer></script>
<script type="module" src="${assets.passkeys.address}"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
${notice === '' ? nothing : html`<p class="mode">${notice}</p>`}
<div class="bar">
<a class="brand" href="/approvals">${mark}<span>Countersign</span></a>
${page.viewer === undefined ? nothing : placesAndPerson(page, page.viewer)}
</div>
<p class="connection" id="connection" hidden></p>
</header>
<main id="main" tabindex="-1">
${page.body}
</main>
<div class="hidden-text" role="status" id="announcements"></div>
</body>
</html>`;
}

const mark: Markup = html`<svg viewBox="0 0 24 24" fill="none" aria-hidden="true" focusable="false">
<rect x="1" y="1" width="22" height="22" rx="6" fill="currentColor"/>
<path class="mark-first" d="M5.5 12.5l3.2 3.4 4.6-7.6"/><path class="mark-second" d="M10.6 15.2l.9.9 6.6-8.6"/></svg>`;

function placesAndPerson({ place, waiting }: Page, { identity, csrfToken }: Viewer): Markup {
  const count =
    waiting === undefined
      ? nothing
      : html`<span class="count" id="waiting"${waiting === 0 ? html` hidden` : nothing}>${waiting}<span class="hidden-text"> waiting</span></span>`;
  return html`<nav class="places" aria-label="Main">
<a href="/approvals"${current(place === 'inbox')}>Inbox${count}</a>
<a href="/runs"${current(place === 'runs')}>Runs</a>
<a href="/passkeys"${current(place === 'passkeys')}>Passkeys</a>
<a href="/delegations"${current(place === 'delegations')}>Delegations</a>
</nav>
<div class="who"><span><strong>${shownText(identity.displayName)}</strong> <span class="muted roles">${identity.roles.join(', ')}</span></span>
<form method="post" action="/logout"><input type="hidden" name="csrf" value="${csrfToken}"><button class="button quiet">Sign out</button></form></div>`;
}

function current(here: boolean): Markup {
  return here ? html` aria-current="page"` : nothing;
}

/** A person by name, with the subject that names him in records where both differ. */
export function personName(subject: string, { nameOf }: Pick<Installation, 'nameOf'>): Markup {
  const name = nameOf(subject);
  return shownText(name === undefined || name === subject ? subject : `${name} (${subject})`);
}

/** Who answered, and for whom where the right was not his own. */
export function giverName(
  { by, delegation }: { readonly by: string; readonly delegation?: { readonly from: string } | undefined },
  installation: Pick<Installation, 'nameOf'>,
): Markup {
  if (delegation === undefined) return personName(by, installation);
  return html`${personName(by, installation)}, for ${personName(delegation.from, installation)}`;
}
