import type { Services } from '../api/services.ts';
import type { Clock } from '../ports/clock.port.ts';

/** What the pages need. They hold no rules of their own: every check is the services'. */
export interface WebDependencies {
  readonly services: Services;
  readonly clock: Clock;
  /** Where people reach the server. */
  readonly publicUrl: URL;
  /** Embedded mode is said on every page. */
  readonly mode: 'embedded' | 'server';
}
