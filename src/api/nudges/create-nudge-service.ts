import { CountersignError } from '../../domain/countersign-error.ts';
import type { NudgeStore } from '../../ports/nudge-store.port.ts';
import type { NudgeService } from '../services.ts';

export function createNudgeService({ nudges }: { readonly nudges: Pick<NudgeStore, 'standing'> }): NudgeService {
  return {
    async nudgeStanding({ identity }) {
      if (!identity.roles.includes('admin')) throw new CountersignError('forbidden');
      return nudges.standing(identity.tenant);
    },
  };
}
