import { randomUUID } from 'node:crypto';
import { endSessionsSchema, type SessionView } from '../../contracts/http/session.schema.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import { requireAdmin } from '../../ports/directory.port.ts';
import { type Session, type SessionStore, sessionIdOf } from '../../ports/session-store.port.ts';
import { parseInput } from '../input.ts';
import type { SessionAdminService } from '../services.ts';
import { defaultSessionEnds, type SessionEnds } from './create-sessions.ts';

const mostListed = 200;

export function createSessionAdmin({
  rows,
  clock,
  ends = defaultSessionEnds,
}: {
  readonly rows: SessionStore;
  readonly clock: Clock;
  readonly ends?: SessionEnds;
}): SessionAdminService {
  return {
    async listSessions({ identity }, { subject, limit }) {
      requireAdmin(identity);
      const sessions = await rows.list({
        tenant: identity.tenant,
        at: isoTime(clock),
        usedAfter: new Date(clock.now() - ends.idleMs).toISOString(),
        limit: limit ?? mostListed,
        ...(subject !== undefined && { subject }),
      });
      return { items: sessions.map(viewOf) };
    },

    async endSessions({ identity }, body) {
      requireAdmin(identity);
      const { subject, sessionId } = parseInput(endSessionsSchema, body);
      const { tenant, subject: by } = identity;
      const named = sessionId === undefined ? {} : { sessionId };
      const record = recordOf('sessions-ended', { tenant, runId: '' }, randomUUID(), isoTime(clock), {
        subject,
        by,
        reason: 'ended-by-admin',
        ...named,
      });
      return { ended: await rows.endOf({ tenant, subject, ...named }, record) };
    },
  };
}

function viewOf(session: Session): SessionView {
  const { subject, createdAt, lastSeenAt, expiresAt } = session;
  return { sessionId: sessionIdOf(session), subject, openedAt: createdAt, lastSeenAt, expiresAt };
}
