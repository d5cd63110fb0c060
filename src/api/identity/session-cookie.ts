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

const idForm = /^[A-Za-z0-9_-]{43}$/;

/** The session id that a request carries. Two cookies of our name are none: one of them was planted. */
export function sessionIdOf(request: Request, secure: boolean): string | undefined {
  const name = cookieName(secure);
  const values = (request.headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .filter(([key]) => key === name)
    .map(([, value]) => value ?? '');
  const [value] = values;
  return values.length === 1 && value !== undefined && idForm.test(value) ? value : undefined;
}
