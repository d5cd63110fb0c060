const pages = /^\/(?:approvals(?:\/apr_[0-9a-f]{32})?|runs(?:\/[A-Za-z0-9._-]{1,64})?|passkeys)$/;
const nowhere = 'http://nowhere.invalid';

/** Where to go after login: one of our own pages, or the inbox. Parsed as a browser would, then compared whole. */
export function returnPath(wanted: string | undefined): string {
  if (wanted === undefined || !URL.canParse(wanted, nowhere)) return '/approvals';
  const { origin, pathname } = new URL(wanted, nowhere);
  return origin === nowhere && pages.test(pathname) ? pathname : '/approvals';
}
