import type { Directory, Identity } from '../../ports/directory.port.ts';

const person = { kind: 'person', acr: 'dev', groups: [] } as const;

/**
 * The development identities of the contract. They are for embedded mode on loopback, and marked by their `acr`.
 * Approvers may start runs as well, as in any company: separation of duties is judged by run, not by person.
 */
const identities: readonly Omit<Identity, 'tenant'>[] = [
  { ...person, subject: 'initiator', displayName: 'Ines Initiator', roles: ['initiator'], groups: ['ap-team'] },
  { ...person, subject: 'approver', displayName: 'Ada Approver', roles: ['approver', 'initiator'] },
  { ...person, subject: 'approver2', displayName: 'Ben Approver', roles: ['approver', 'initiator'] },
  { ...person, subject: 'lead', displayName: 'Lea Lead', roles: ['lead', 'initiator'] },
  { ...person, subject: 'auditor', displayName: 'Otto Auditor', roles: ['auditor'] },
  { ...person, subject: 'admin', displayName: 'Ana Admin', roles: ['admin', 'initiator'] },
  { subject: 'backend', displayName: 'Backend service', kind: 'service', acr: 'dev', roles: ['initiator'], groups: [] },
];

/** Who the development identities are; the same in every embedded installation. */
export function createDevDirectory(tenant: string): Directory {
  const known = identities.map((identity): Identity => ({ ...identity, tenant }));
  return {
    find: async (subject) => known.find((identity) => identity.subject === subject),
    nameOf: (subject) => known.find((identity) => identity.subject === subject)?.displayName,
    offered: () => known.filter((identity) => identity.kind === 'person'),
  };
}
