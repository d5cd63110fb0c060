import { CountersignError } from '../../domain/countersign-error.ts';

/**
 * Throws `csrf-refused` unless a browser says that this request was made by a page of this very site.
 * Browsers send `Sec-Fetch-Site` to every trustworthy origin; where it is missing, `Origin` must be ours.
 */
export function requireSameOrigin(request: Request, secure: boolean): void {
  const site = request.headers.get('sec-fetch-site');
  if (site === 'same-origin') return;
  const ours = `${secure ? 'https' : 'http'}://${request.headers.get('host') ?? new URL(request.url).host}`;
  if (site === null && request.headers.get('origin') === ours) return;
  throw new CountersignError('csrf-refused');
}
