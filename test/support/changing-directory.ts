import { createDevDirectory } from '../../src/adapters/directory-dev/dev-directory.ts';
import type { Directory, Identity } from '../../src/ports/directory.port.ts';

export interface ChangingDirectory extends Directory {
  change(subject: string, change: Partial<Identity> | 'gone'): void;
}

/** The development identities, of whom what is known can change. */
export function changingDirectory(): ChangingDirectory {
  const known = createDevDirectory('default');
  const changes = new Map<string, Partial<Identity> | 'gone'>();
  return {
    offered: () => known.offered(),
    nameOf: (subject) => known.nameOf(subject),
    async find(subject) {
      const found = await known.find(subject);
      const change = changes.get(subject);
      return change === 'gone' ? undefined : found && { ...found, ...change };
    },
    change: (subject, change) => void changes.set(subject, change),
  };
}
