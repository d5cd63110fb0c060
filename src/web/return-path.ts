const pages =
  /^\/(?:approvals(?:\/apr_[0-9a-f]{32}|\/batch\?like=apr_[0-9a-f]{32})?|runs(?:\/[A-Za-z0-9._-]{1,64})?|passkeys|delegations)$/;
const nowhere = 'http://nowhere.invalid';

/** Where to go after login: one of our own pages, or the inbox. Parsed as a browser would, then compared whole. */
export function returnPath(wanted: string | undefined): string {
  if (wanted === undefined || !URL.canParse(wanted, nowhere)) return '/approvals';
  const address = new URL(wanted, nowhere);
  const place = placeOf(address);
  return address.origin === nowhere && pages.test(place) ? place : '/approvals';
}

/** What to come back to: a path of ours, with its query where the page is nothing without it. */
export function placeOf({ pathname, search }: URL): string {
  const whole = `${pathname}${search}`;
  return pages.test(whole) ? whole : pathname;
}
