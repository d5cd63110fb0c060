import { randomUUID } from 'node:crypto';
import { assertNever } from '../../domain/assert-never.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import type { Clock } from '../../ports/clock.port.ts';
import type { KnownPerson, PersonStore } from '../../ports/person-store.port.ts';
import type { SignInProvider } from '../../ports/sign-in.port.ts';
import type { ApiLog } from '../log.ts';

export const defaultRefreshAfterMs = 10 * 60 * 1_000;

/** Longer than a provider may take, so that two processes never use the same refresh token at once. */
const claimMs = 60 * 1_000;
const maxRemembered = 10_000;

export interface PeopleKeeperDependencies {
  readonly people: PersonStore;
  readonly provider: Pick<SignInProvider, 'refresh'>;
  readonly clock: Clock;
  readonly log: ApiLog;
  readonly refreshAfterMs?: number | undefined;
}

export interface PeopleKeeper {
  /** Asks the provider again in the background, where its word is old enough. */
  noticeUse(subject: string): void;
  /** Resolves when nothing is under way. */
  stop(): Promise<void>;
}

/** Keeps what is known of people current while they are here; whom the provider refuses is signed out everywhere. */
export function createPeopleKeeper(dependencies: PeopleKeeperDependencies): PeopleKeeper {
  const { people, clock, log, refreshAfterMs = defaultRefreshAfterMs } = dependencies;
  const lookedAt = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  let isStopped = false;

  async function look(subject: string): Promise<void> {
    const now = clock.now();
    const person = await people.claimRefresh(subject, {
      learnedBefore: isoTimeOf(now - refreshAfterMs),
      now: isoTimeOf(now),
      until: isoTimeOf(now + claimMs),
    });
    if (person !== undefined) await askAgain(dependencies, person);
  }

  return {
    noticeUse(subject) {
      const now = clock.now();
      // a look costs a statement, and a page makes many requests
      if (isStopped || now - (lookedAt.get(subject) ?? Number.NEGATIVE_INFINITY) < refreshAfterMs / 4) return;
      lookedAt.delete(subject);
      lookedAt.set(subject, now);
      const [oldest] = lookedAt.size > maxRemembered ? lookedAt.keys() : [];
      if (oldest !== undefined) lookedAt.delete(oldest);
      const work = look(subject)
        .catch((error: unknown) => log.error('person-not-refreshed', {}, error))
        .finally(() => underWay.delete(work));
      underWay.add(work);
    },
    async stop() {
      isStopped = true;
      await Promise.all(underWay);
    },
  };
}

async function askAgain(
  { people, provider, clock, log }: PeopleKeeperDependencies,
  person: KnownPerson,
): Promise<void> {
  const { identity, refreshToken } = person;
  if (refreshToken === undefined) return;
  const learnedAt = isoTimeOf(clock.now());
  const answer = await provider.refresh(identity.subject, refreshToken);
  switch (answer.kind) {
    case 'no-news':
      await people.renew(person, { ...person, refreshToken: answer.refreshToken });
      return;
    case 'described': {
      // a session belongs to its tenant for good
      if (answer.person.identity.tenant !== identity.tenant) return signOut(people, person, learnedAt, log);
      await people.renew(person, { ...answer.person, learnedAt });
      return;
    }
    case 'refused':
      return signOut(people, person, learnedAt, log);
    default:
      return assertNever(answer);
  }
}

async function signOut(people: PersonStore, person: KnownPerson, at: string, log: ApiLog): Promise<void> {
  const { subject, tenant } = person.identity;
  const body = { subject, by: '', reason: 'refused-by-provider' } as const;
  const forgotten = await people.forget(
    person,
    recordOf('sessions-ended', { tenant, runId: '' }, randomUUID(), at, body),
  );
  if (forgotten) log.info('person-refused-by-provider', { tenant });
}

function isoTimeOf(ms: number): string {
  return new Date(ms).toISOString();
}
