import type { KeyService } from '../../ports/key-service.port.ts';

/** People, their sessions and sign-ins belong to no tenant's content: they are sealed under the installation's own keys. */
export const installation = 'system';

/** Finds a person's rows without saying who it is: a commitment to the subject under the keys of `tenant`. */
export function subjectMac(keys: KeyService, tenant: string, subject: string): Promise<string> {
  return keys.mac(tenant, 'subject', Buffer.from(subject, 'utf8'));
}

/** A group commits like a person, under a name that no person has. */
export function groupSubject(group: string): string {
  return `group\0${group}`;
}
