import { afterEach } from 'vitest';
import type { Governed } from './governed.ts';
import { assertRunInvariants } from './run-invariants.ts';

/**
 * For the top of a file. What a test keeps is held against the invariants of a run after it, and stopped, however the
 * test ended.
 */
export function keepInstallation(): { readonly keep: (at: Governed) => Governed } {
  let kept: Governed | undefined;
  afterEach(async () => {
    try {
      if (kept !== undefined) await assertRunInvariants(kept.records, kept.runId, kept.server);
    } finally {
      await kept?.stop();
      kept = undefined;
    }
  });
  return {
    keep(at) {
      kept = at;
      return at;
    },
  };
}
