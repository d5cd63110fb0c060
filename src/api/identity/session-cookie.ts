/** With https the name carries the browser's own guarantee: Secure, whole host, no Domain. Plain http is for loopback. */
export function cookieName(secure: boolean): string {
  return secure ? '__Host-countersign' : 'countersign';
}

export function sessionCookie(secure: boolean, value: string, maxAgeSeconds: number): string {
  const attributes = [
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    `Max-Age=${maxAgeSeconds}`,
    ...(secure ? ['Secure'] : []),
  ];
  return [`${cookieName(secure)}=${value}`, ...attributes].join('; ');
}

/** What somebody went to the identity provider for. One does not replace the other. */
export type CallbackPurpose = 'sign-in' | 'step-up';

/** Comes along when the provider's page sends the browser back, which no strict cookie does; read by one address only. */
export function callbackCookie(
  purpose: CallbackPurpose,
  secure: boolean,
  value: string,
  maxAgeSeconds: number,
): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${maxAgeSeconds}`, ...(secure ? ['Secure'] : [])];
  return [`${callbackCookieName(purpose, secure)}=${value}`, ...attributes].join('; ');
}

export function callbackIdOf(purpose: CallbackPurpose, request: Request, secure: boolean): string | undefined {
  return idIn(request, callbackCookieName(purpose, secure));
}

/** The session id that a request carries. */
export function sessionIdOf(request: Request, secure: boolean): string | undefined {
  return idIn(request, cookieName(secure));
}

function callbackCookieName(purpose: CallbackPurpose, secure: boolean): string {
  return `${cookieName(secure)}-${purpose}`;
}

const idForm = /^[A-Za-z0-9_-]{43}$/;

/** Two cookies of our name are none: one of them was planted. */
function idIn(request: Request, name: string): string | undefined {
  const values = (request.headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .filter(([key]) => key === name)
    .map(([, value]) => value ?? '');
  const [value] = values;
  return values.length === 1 && value !== undefined && idForm.test(value) ? value : undefined;
}
