import {
  endedSessionsSchema,
  endSessionsSchema,
  sessionListSchema,
  sessionQuerySchema,
} from '../../contracts/http/session.schema.ts';
import type { Services } from '../services.ts';
import type { ApiRoute } from './api-route.ts';
import { readJsonBody, requireJson } from './read-json-body.ts';
import { readQuery } from './read-query.ts';

export function sessionRoutes({ sessionAdmin }: Pick<Services, 'sessionAdmin'>): readonly ApiRoute[] {
  return [
    {
      method: 'get',
      path: '/v1/sessions',
      operationId: 'listSessions',
      summary: 'Open sessions of the tenant or of one person, for administrators.',
      query: sessionQuerySchema,
      answers: { 200: { description: 'The sessions, last used first.', schema: sessionListSchema } },
      problems: ['forbidden'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await sessionAdmin.listSessions(principal, readQuery(sessionQuerySchema, context.req.raw))),
    },
    {
      method: 'post',
      path: '/v1/sessions/end',
      operationId: 'endSessions',
      summary: 'End all sessions of a person, or one of them, for administrators.',
      body: endSessionsSchema,
      answers: { 200: { description: 'How many there were.', schema: endedSessionsSchema } },
      problems: ['forbidden'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await sessionAdmin.endSessions(principal, requireJson(await readJsonBody(context.req.raw)))),
    },
  ];
}
