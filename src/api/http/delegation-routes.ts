import {
  delegationListSchema,
  delegationQuerySchema,
  delegationViewSchema,
  lendSchema,
} from '../../contracts/http/delegation.schema.ts';
import type { Services } from '../services.ts';
import type { ApiRoute } from './api-route.ts';
import { readJsonBody, requireJson } from './read-json-body.ts';
import { readQuery } from './read-query.ts';

export function delegationRoutes({ delegations }: Pick<Services, 'delegations'>): readonly ApiRoute[] {
  return [
    {
      method: 'get',
      path: '/v1/delegations',
      operationId: 'listDelegations',
      summary: 'What you lent and what was lent to you; everybody’s, for administrators.',
      query: delegationQuerySchema,
      answers: {
        200: {
          description: 'What ends last comes first; what was ended early comes after it.',
          schema: delegationListSchema,
        },
      },
      problems: ['forbidden'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await delegations.listDelegations(principal, readQuery(delegationQuerySchema, context.req.raw))),
    },
    {
      method: 'post',
      path: '/v1/delegations',
      operationId: 'lend',
      summary: 'Let somebody else answer approvals with roles of yours, until an end.',
      body: lendSchema,
      answers: { 201: { description: 'The delegation.', schema: delegationViewSchema } },
      problems: ['forbidden', 'delegation-limit'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await delegations.lend(principal, requireJson(await readJsonBody(context.req.raw))), 201),
    },
    {
      method: 'delete',
      path: '/v1/delegations/{delegationId}',
      operationId: 'endDelegation',
      summary: 'End a delegation for ever; for its lender and for administrators.',
      answers: { 200: { description: 'The delegation.', schema: delegationViewSchema } },
      problems: ['not-found', 'forbidden'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await delegations.endDelegation(principal, context.req.param('delegationId') ?? '')),
    },
  ];
}
