import type { Clock } from '../../ports/clock.port.ts';
import type { Directory } from '../../ports/directory.port.ts';
import type { KnownPerson, PersonStore } from '../../ports/person-store.port.ts';

const maxNames = 10_000;

export interface PeopleDirectoryDependencies {
  readonly people: Pick<PersonStore, 'find' | 'names'>;
  readonly clock: Clock;
  readonly issuer: string;
  /** Milliseconds for which the provider's word about a person is good. */
  readonly maxAgeMs: number;
}

/** People as the identity provider described them at their last sign-in or refresh; whoever it said nothing of for too long is not found. */
export async function openPeopleDirectory(dependencies: PeopleDirectoryDependencies): Promise<Directory> {
  const { people, clock, issuer, maxAgeMs } = dependencies;
  const names = new Map(await people.names(maxNames));

  /** A time that cannot be read is too long ago. */
  const isCurrent = ({ identity, learnedAt }: KnownPerson): boolean =>
    clock.now() - Date.parse(learnedAt) < maxAgeMs && sameIssuer(issuer, identity.subject);

  return {
    async find(subject) {
      const person = await people.find(subject);
      if (person === undefined) return undefined;
      if (names.size < maxNames || names.has(subject)) names.set(subject, person.identity.displayName);
      return isCurrent(person) ? person.identity : undefined;
    },
    nameOf: (subject) => names.get(subject),
    offered: () => [],
  };
}

/** After a change of provider nobody of the former one is known any more. */
function sameIssuer(issuer: string, subject: string): boolean {
  const claimed = subject.slice(0, subject.indexOf('#'));
  return URL.canParse(claimed) && new URL(claimed).href === new URL(issuer).href;
}
