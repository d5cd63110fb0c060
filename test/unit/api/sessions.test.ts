import { describe, expect, test } from 'vitest';
import { createDevDirectory } from '../../../src/adapters/directory-dev/dev-directory.ts';
import { createSessions, defaultSessionEnds, type SessionEnds } from '../../../src/api/identity/create-sessions.ts';
import type { AuditRecord } from '../../../src/domain/audit-record.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';
import type { ErrorCode } from '../../../src/domain/error-registry.ts';
import type { Session } from '../../../src/ports/session-store.port.ts';
import { manualClock } from './manual-clock.ts';

const { absoluteMs, idleMs } = defaultSessionEnds;
const minuteMs = 60_000;
const page = 'http://localhost:7070/login';

function setUp(
  options: { readonly secure?: boolean; readonly developmentLogin?: boolean; readonly ends?: SessionEnds } = {},
) {
  const clock = manualClock();
  const rows = new Map<string, Session>();
  const records: AuditRecord[] = [];
  const sessions = createSessions({
    rows: {
      async open({ session, record, replaced }) {
        if (replaced !== undefined) rows.delete(replaced);
        rows.set(session.idHash, session);
        records.push(record);
      },
      find: async (idHash) => rows.get(idHash),
      touch: async (idHash, at) => {
        const session = rows.get(idHash);
        if (session) rows.set(idHash, { ...session, lastSeenAt: at });
      },
      async end(idHash, record) {
        if (rows.delete(idHash) && record !== undefined) records.push(record);
      },
      list: async () => [...rows.values()],
      endOf: async () => 0,
    },
    directory: createDevDirectory('default'),
    clock,
    secure: options.secure ?? false,
    developmentLogin: options.developmentLogin ?? true,
    ...(options.ends !== undefined && { ends: options.ends }),
  });
  return { sessions, clock, rows, records };
}

function withCookie(setCookie: string): Request {
  return new Request(page, { headers: { cookie: setCookie.split(';')[0] ?? '' } });
}

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof CountersignError ? error.code : undefined;
}

describe('a session', () => {
  test('is found again by its cookie, with the roles that the directory knows now', async () => {
    const { sessions } = setUp();
    const { setCookie } = await sessions.logIn('approver', new Request(page));
    const found = await sessions.find(withCookie(setCookie));
    expect(found?.principal).toMatchObject({
      authentication: 'session',
      identity: { subject: 'approver', roles: ['approver', 'initiator'] },
    });
  });

  test('is stored without what the browser holds', async () => {
    const { sessions, rows } = setUp();
    const { setCookie } = await sessions.logIn('approver', new Request(page));
    const id = /countersign=([^;]+)/.exec(setCookie)?.[1] ?? '';
    expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(JSON.stringify([...rows])).not.toContain(id);
  });

  test('ends when it was not used for the idle time', async () => {
    const { sessions, clock, rows } = setUp();
    const { setCookie } = await sessions.logIn('approver', new Request(page));
    clock.advance(idleMs - 1);
    expect(await sessions.find(withCookie(setCookie))).toBeDefined();
    clock.advance(idleMs - 1);
    expect(await sessions.find(withCookie(setCookie))).toBeDefined();
    clock.advance(idleMs);
    expect(await sessions.find(withCookie(setCookie))).toBeUndefined();
    expect(rows.size).toBe(0);
  });

  test('ends at its absolute end, however busy it was', async () => {
    const { sessions, clock } = setUp();
    const { setCookie } = await sessions.logIn('approver', new Request(page));
    for (let at = 0; at < absoluteMs - 10 * minuteMs; at += 10 * minuteMs) {
      clock.advance(10 * minuteMs);
      expect(await sessions.find(withCookie(setCookie))).toBeDefined();
    }
    clock.advance(10 * minuteMs);
    expect(await sessions.find(withCookie(setCookie))).toBeUndefined();
  });

  test('gets a new id at login and loses the one that the browser came with', async () => {
    const { sessions, rows } = setUp();
    const first = await sessions.logIn('initiator', new Request(page));
    const second = await sessions.logIn('approver', withCookie(first.setCookie));
    expect(second.session.idHash).not.toBe(first.session.idHash);
    expect(await sessions.find(withCookie(first.setCookie))).toBeUndefined();
    expect(rows.size).toBe(1);
  });

  test('is gone after logout, and the browser is told to forget it', async () => {
    const { sessions } = setUp();
    const { setCookie } = await sessions.logIn('approver', new Request(page));
    expect(await sessions.logOut(withCookie(setCookie))).toContain('Max-Age=0');
    expect(await sessions.find(withCookie(setCookie))).toBeUndefined();
  });

  test('is not found when two cookies claim its name', async () => {
    const { sessions } = setUp();
    const { setCookie } = await sessions.logIn('approver', new Request(page));
    const pair = setCookie.split(';')[0] ?? '';
    expect(await sessions.find(new Request(page, { headers: { cookie: `${pair}; countersign=x` } }))).toBeUndefined();
  });

  test('has a cookie that scripts cannot read and other sites do not send', async () => {
    const plain = await setUp().sessions.logIn('approver', new Request(page));
    expect(plain.setCookie).toMatch(/^countersign=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    const secure = await setUp({ secure: true }).sessions.logIn('approver', new Request(page));
    expect(secure.setCookie).toMatch(
      /^__Host-countersign=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/,
    );
  });

  test('is recorded when it opens and when its person ends it', async () => {
    const { sessions, records } = setUp();
    const { setCookie } = await sessions.logIn('approver', new Request(page));
    await sessions.logOut(withCookie(setCookie));
    await sessions.logOut(withCookie(setCookie));
    expect(records.map(({ kind, body }) => [kind, body['subject']])).toEqual([
      ['session-opened', 'approver'],
      ['sessions-ended', 'approver'],
    ]);
  });

  test('ends as soon as the operator configured it', async () => {
    const { sessions, clock } = setUp({ ends: { idleMs: minuteMs, absoluteMs: 2 * minuteMs } });
    const { setCookie } = await sessions.logIn('approver', new Request(page));
    expect(setCookie).toContain('Max-Age=120');
    for (let second = 0; second < 110; second += 10) {
      clock.advance(10_000);
      expect(await sessions.find(withCookie(setCookie))).toBeDefined();
    }
    clock.advance(10_000);
    expect(await sessions.find(withCookie(setCookie))).toBeUndefined();
    const idle = await sessions.logIn('approver', new Request(page));
    clock.advance(minuteMs);
    expect(await sessions.find(withCookie(idle.setCookie))).toBeUndefined();
  });
});

describe('development login', () => {
  test('is refused where it is off, and offers nobody', async () => {
    const { sessions } = setUp({ developmentLogin: false });
    expect(await codeOf(sessions.logIn('approver', new Request(page)))).toBe('forbidden');
    expect(sessions.offered()).toEqual([]);
  });

  test.each(['backend', 'nobody', ''])('does not know %j', async (subject) => {
    expect(await codeOf(setUp().sessions.logIn(subject, new Request(page)))).toBe('unauthenticated');
  });
});

describe('a form post', () => {
  const token = 'the-token';
  const session: Session = {
    idHash: '',
    subject: 'approver',
    tenant: 'default',
    csrfToken: token,
    createdAt: '',
    lastSeenAt: '',
    expiresAt: '',
  };
  const post = (headers: Record<string, string>): Request =>
    new Request(page, { method: 'POST', headers: { host: 'localhost:7070', ...headers } });

  test.each([
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'same-origin', origin: 'null' },
    { origin: 'http://localhost:7070' },
  ])('is taken from a page of this site: %j', (headers) => {
    expect(() => setUp().sessions.checkForm(post(headers), session, token)).not.toThrow();
  });

  test.each([
    {},
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'http://localhost:7070' },
    { 'sec-fetch-site': 'none' },
    { origin: 'http://localhost:8080' },
    { origin: 'https://localhost:7070' },
    { origin: 'null' },
  ])('is refused from elsewhere or from nowhere: %j', (headers) => {
    expect(() => setUp().sessions.checkForm(post(headers), session, token)).toThrowError(
      expect.objectContaining({ code: 'csrf-refused' }),
    );
  });

  test.each([undefined, '', 'another', 'the-toke'])('is refused with the token %j', (presented) => {
    const request = post({ 'sec-fetch-site': 'same-origin' });
    expect(() => setUp().sessions.checkForm(request, session, presented)).toThrowError(
      expect.objectContaining({ code: 'csrf-refused' }),
    );
  });
});
