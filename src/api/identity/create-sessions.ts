import { createHash, randomBytes } from 'node:crypto';
import { CountersignError } from '../../domain/countersign-error.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import type { AuditOutbox } from '../../ports/audit-outbox.port.ts';
import type { Clock } from '../../ports/clock.port.ts';
import type { Directory, Identity } from '../../ports/directory.port.ts';
import type { Session, SessionStore } from '../../ports/session-store.port.ts';
import type { SessionService } from '../services.ts';
import { requireSameOrigin } from './form-origin.ts';
import { sameText } from './same-text.ts';
import { sessionCookie, sessionIdOf } from './session-cookie.ts';

export const idleMs = 30 * 60 * 1_000;
export const absoluteMs = 12 * 60 * 60 * 1_000;
/** A session in use is written at most this often. */
const touchEveryMs = 60 * 1_000;

export interface SessionDependencies {
  readonly rows: SessionStore;
  readonly directory: Directory;
  readonly outbox: AuditOutbox;
  readonly clock: Clock;
  /** True where browsers reach the site over https. */
  readonly secure: boolean;
  /** True only in embedded mode on loopback: a login that asks for nothing but a name. */
  readonly developmentLogin: boolean;
}

/** Logins of people: an opaque id in the browser, everything else here. */
export function createSessions({
  rows,
  directory,
  outbox,
  clock,
  secure,
  developmentLogin,
}: SessionDependencies): SessionService {
  const offered = (): readonly Identity[] => (developmentLogin ? directory.offered() : []);

  async function find(request: Request) {
    const id = sessionIdOf(request, secure);
    const session = id === undefined ? undefined : await rows.find(hashOf(id));
    if (session === undefined) return undefined;
    const identity = isOver(session, clock.now()) ? undefined : await directory.find(session.subject);
    if (identity === undefined) {
      await rows.end(session.idHash);
      return undefined;
    }
    if (clock.now() - Date.parse(session.lastSeenAt) > touchEveryMs)
      await rows.touch(session.idHash, isoTimeOf(clock.now()));
    return { session, principal: { identity, authentication: 'session' as const } };
  }

  async function end(request: Request): Promise<void> {
    const id = sessionIdOf(request, secure);
    if (id !== undefined) await rows.end(hashOf(id));
  }

  async function logIn(subject: string, request: Request) {
    if (!developmentLogin)
      throw new CountersignError('forbidden', { message: 'Development login is off on this server.' });
    const identity = offered().find((candidate) => candidate.subject === subject);
    if (identity === undefined) throw new CountersignError('unauthenticated');
    await end(request);
    const id = randomBytes(32).toString('base64url');
    const session = newSession(id, subject, clock.now());
    await rows.create(session);
    const noRun = { tenant: identity.tenant, runId: '' };
    await outbox.append([recordOf('session-opened', noRun, session.idHash, session.createdAt, { subject })]);
    return { session, setCookie: sessionCookie(secure, id, absoluteMs / 1_000) };
  }

  return {
    offered,
    find,
    logIn,
    async logOut(request) {
      await end(request);
      return sessionCookie(secure, '', 0);
    },
    checkForm(request, session, csrfToken) {
      requireSameOrigin(request, secure);
      if (session !== undefined && !sameText(session.csrfToken, csrfToken ?? ''))
        throw new CountersignError('csrf-refused');
    },
  };
}

function newSession(id: string, subject: string, now: number): Session {
  return {
    idHash: hashOf(id),
    subject,
    csrfToken: randomBytes(32).toString('base64url'),
    createdAt: isoTimeOf(now),
    lastSeenAt: isoTimeOf(now),
    expiresAt: isoTimeOf(now + absoluteMs),
  };
}

/** Not a number compares as over: a row that cannot be read lets nobody in. */
function isOver(session: Session, now: number): boolean {
  return !(now < Date.parse(session.expiresAt) && now - Date.parse(session.lastSeenAt) < idleMs);
}

function hashOf(id: string): string {
  return createHash('sha256').update(id, 'utf8').digest('hex');
}

function isoTimeOf(ms: number): string {
  return new Date(ms).toISOString();
}
