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

/** Comes along when the provider's page sends the browser back, which no strict cookie does; read by one address only. */
export function signInCookie(secure: boolean, value: string, maxAgeSeconds: number): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${maxAgeSeconds}`, ...(secure ? ['Secure'] : [])];
  return [`${signInCookieName(secure)}=${value}`, ...attributes].join('; ');
}

export function signInIdOf(request: Request, secure: boolean): string | undefined {
  return idIn(request, signInCookieName(secure));
}

/** The session id that a request carries. */
export function sessionIdOf(request: Request, secure: boolean): string | undefined {
  return idIn(request, cookieName(secure));
}

function signInCookieName(secure: boolean): string {
  return secure ? '__Host-countersign-sign-in' : 'countersign-sign-in';
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
