import type { KeyService } from '../../ports/key-service.port.ts';

/** People, their sessions and sign-ins belong to no tenant's content: they are sealed under the installation's own keys. */
export const installation = 'system';

/** Finds a person's rows without saying who it is. */
export function subjectMacOf(keys: KeyService, subject: string): Promise<string> {
  return keys.mac(installation, 'subject', Buffer.from(subject, 'utf8'));
}
