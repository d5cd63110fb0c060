import { createHash, randomBytes } from 'node:crypto';
import { CountersignError } from '../../domain/countersign-error.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import type { Clock } from '../../ports/clock.port.ts';
import type { Directory, Identity } from '../../ports/directory.port.ts';
import type { KnownPerson } from '../../ports/person-store.port.ts';
import { sessionIdOf as publicIdOf, type Session, type SessionStore } from '../../ports/session-store.port.ts';
import type { OpenedSession, SessionService } from '../services.ts';
import { requireSameOrigin } from './form-origin.ts';
import { sameText } from './same-text.ts';
import { sessionCookie, sessionIdOf } from './session-cookie.ts';

/** When a session ends: unused, and in any case. */
export interface SessionEnds {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

export const defaultSessionEnds: SessionEnds = { idleMs: 30 * 60 * 1_000, absoluteMs: 12 * 60 * 60 * 1_000 };

/** A session in use is written at most this often. */
const touchEveryMs = 60 * 1_000;

export interface SessionDependencies {
  readonly rows: SessionStore;
  readonly directory: Directory;
  readonly clock: Clock;
  /** True where browsers reach the site over https. */
  readonly secure: boolean;
  /** True only in embedded mode on loopback: a login that asks for nothing but a name. */
  readonly developmentLogin: boolean;
  readonly ends?: SessionEnds;
  /** Told of every person whose session is used. */
  readonly noticeUse?: (subject: string) => void;
}

/** For whoever has seen a proof of identity. */
export interface SessionOpener {
  /** `idHash` of the session that a request carries, whether there is one or not. */
  formerOf(request: Request): string | undefined;
  /** A session under a new id, in place of the browser's former one. */
  open(identity: Identity, replaced: string | undefined, person?: KnownPerson): Promise<OpenedSession>;
}

/** Logins of people: an opaque id in the browser, everything else here. */
export function createSessions({
  rows,
  directory,
  clock,
  secure,
  developmentLogin,
  ends = defaultSessionEnds,
  noticeUse = () => undefined,
}: SessionDependencies): SessionService & SessionOpener {
  const offered = (): readonly Identity[] => (developmentLogin ? directory.offered() : []);

  async function find(request: Request) {
    const id = sessionIdOf(request, secure);
    const session = id === undefined ? undefined : await rows.find(hashOf(id));
    if (session === undefined) return undefined;
    const identity = isOver(session, ends, clock.now()) ? undefined : await directory.find(session.subject);
    if (identity === undefined) {
      await rows.end(session.idHash);
      return undefined;
    }
    if (clock.now() - Date.parse(session.lastSeenAt) > Math.min(touchEveryMs, ends.idleMs / 4))
      await rows.touch(session.idHash, isoTimeOf(clock.now()));
    noticeUse(session.subject);
    return { session, principal: { identity, authentication: 'session' as const, session: session.idHash } };
  }

  const formerOf = (request: Request): string | undefined => {
    const id = sessionIdOf(request, secure);
    return id === undefined ? undefined : hashOf(id);
  };

  async function open({ subject, tenant }: Identity, replaced: string | undefined, person?: KnownPerson) {
    const id = randomBytes(32).toString('base64url');
    const session = newSession(id, { subject, tenant }, ends, clock.now());
    const noRun = { tenant, runId: '' };
    const record = recordOf('session-opened', noRun, session.idHash, session.createdAt, { subject });
    await rows.open({
      session,
      record,
      ...(replaced !== undefined && { replaced }),
      ...(person !== undefined && { person }),
    });
    return { session, setCookie: sessionCookie(secure, id, Math.ceil(ends.absoluteMs / 1_000)) };
  }

  async function logOut(request: Request): Promise<string> {
    const id = sessionIdOf(request, secure);
    const session = id === undefined ? undefined : await rows.find(hashOf(id));
    if (session !== undefined) {
      const { subject, tenant, idHash } = session;
      const body = { subject, by: subject, reason: 'signed-out', sessionId: publicIdOf(session) } as const;
      await rows.end(idHash, recordOf('sessions-ended', { tenant, runId: '' }, idHash, isoTimeOf(clock.now()), body));
    }
    return sessionCookie(secure, '', 0);
  }

  async function logIn(subject: string, request: Request) {
    if (!developmentLogin)
      throw new CountersignError('forbidden', { message: 'Development login is off on this server.' });
    const identity = offered().find((candidate) => candidate.subject === subject);
    if (identity === undefined) throw new CountersignError('unauthenticated');
    return open(identity, formerOf(request));
  }

  return {
    offered,
    find,
    logIn,
    formerOf,
    open,
    logOut,
    checkForm(request, session, csrfToken) {
      requireSameOrigin(request, secure);
      if (session !== undefined && !sameText(session.csrfToken, csrfToken ?? ''))
        throw new CountersignError('csrf-refused');
    },
  };
}

function newSession(
  id: string,
  person: Pick<Session, 'subject' | 'tenant'>,
  { absoluteMs }: SessionEnds,
  now: number,
): Session {
  return {
    idHash: hashOf(id),
    ...person,
    csrfToken: randomBytes(32).toString('base64url'),
    createdAt: isoTimeOf(now),
    lastSeenAt: isoTimeOf(now),
    expiresAt: isoTimeOf(now + absoluteMs),
  };
}

/** Not a number compares as over: a row that cannot be read lets nobody in. */
function isOver(session: Session, { idleMs }: SessionEnds, now: number): boolean {
  return !(now < Date.parse(session.expiresAt) && now - Date.parse(session.lastSeenAt) < idleMs);
}

function hashOf(id: string): string {
  return createHash('sha256').update(id, 'utf8').digest('hex');
}

function isoTimeOf(ms: number): string {
  return new Date(ms).toISOString();
}
