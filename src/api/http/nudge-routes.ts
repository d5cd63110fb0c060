import { nudgeStandingSchema } from '../../contracts/http/nudge.schema.ts';
import type { Services } from '../services.ts';
import type { ApiRoute } from './api-route.ts';

export function nudgeRoutes({ nudges }: Pick<Services, 'nudges'>): readonly ApiRoute[] {
  return [
    {
      method: 'get',
      path: '/v1/nudges',
      operationId: 'nudgeStanding',
      summary: 'How messages about questions stand, for administrators.',
      answers: { 200: { description: 'Counts, and the last failure.', schema: nudgeStandingSchema } },
      problems: ['forbidden'],
      access: 'principal',
      handle: async (context, principal) => context.json(await nudges.nudgeStanding(principal)),
    },
  ];
}
