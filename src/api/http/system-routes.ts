import { livenessSchema, readinessSchema } from '../../contracts/http/health.schema.ts';
import type { ApiRoute } from './api-route.ts';

/** `ready` resolves when runs can start, and fails with `unavailable` while they cannot. */
export function systemRoutes({ ready }: { readonly ready: () => Promise<void> }): readonly ApiRoute[] {
  return [
    {
      method: 'get',
      path: '/livez',
      operationId: 'isAlive',
      summary: 'The process answers.',
      answers: { 200: { description: 'Alive.', schema: livenessSchema } },
      problems: [],
      access: 'open',
      handle: (context) => context.json({ status: 'alive' }),
    },
    {
      method: 'get',
      path: '/readyz',
      operationId: 'isReady',
      summary: 'Runs can start.',
      answers: { 200: { description: 'Ready.', schema: readinessSchema } },
      problems: ['unavailable'],
      access: 'open',
      async handle(context) {
        await ready();
        return context.json({ status: 'ready' });
      },
    },
  ];
}
