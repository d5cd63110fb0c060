import { requireAdmin } from '../../ports/directory.port.ts';
import type { NudgeStore } from '../../ports/nudge-store.port.ts';
import type { NudgeService } from '../services.ts';

export function createNudgeService({ nudges }: { readonly nudges: Pick<NudgeStore, 'standing'> }): NudgeService {
  return {
    async nudgeStanding({ identity }) {
      requireAdmin(identity);
      return nudges.standing(identity.tenant);
    },
  };
}
