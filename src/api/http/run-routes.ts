import { pageQuerySchema, runPageSchema, runViewSchema, startRunSchema } from '../../contracts/http/run.schema.ts';
import { steerBodySchema, steerMessageSchema, steerMessagesSchema } from '../../contracts/http/steering.schema.ts';
import type { Services } from '../services.ts';
import type { ApiRoute } from './api-route.ts';
import { readJsonBody, requireJson } from './read-json-body.ts';
import { readQuery } from './read-query.ts';

export function runRoutes({ runs }: Pick<Services, 'runs'>): readonly ApiRoute[] {
  return [
    {
      method: 'post',
      path: '/v1/runs',
      operationId: 'startRun',
      summary: 'Start a run; the same id and body again is the same run.',
      headers: {
        'Idempotency-Key': 'Names the run where the body has no `runId`: the same key again is the same run.',
      },
      body: startRunSchema,
      answers: {
        201: { description: 'The run was admitted.', schema: runViewSchema },
        200: { description: 'The same request had admitted it before.', schema: runViewSchema },
      },
      problems: ['agent-not-found', 'start-denied', 'run-conflict', 'unavailable'],
      access: 'principal',
      async handle(context, principal) {
        const body = requireJson(await readJsonBody(context.req.raw));
        const { created, run } = await runs.admitRun(principal, body, context.req.header('idempotency-key'));
        context.header('Location', run.links.self);
        return context.json(run, created ? 201 : 200);
      },
    },
    {
      method: 'get',
      path: '/v1/runs',
      operationId: 'listRuns',
      summary: 'Runs, newest first, without their answers.',
      query: pageQuerySchema,
      answers: { 200: { description: 'A page of runs.', schema: runPageSchema } },
      problems: [],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await runs.listRuns(principal, readQuery(pageQuerySchema, context.req.raw))),
    },
    {
      method: 'get',
      path: '/v1/runs/{runId}',
      operationId: 'getRun',
      summary: 'One run: state, usage, answer or failure.',
      answers: { 200: { description: 'The run.', schema: runViewSchema } },
      problems: ['run-not-found'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await runs.findRun(principal, context.req.param('runId') ?? '')),
    },
    {
      method: 'post',
      path: '/v1/runs/{runId}/cancel',
      operationId: 'cancelRun',
      summary: 'Ask a run to stop; it closes as `cancelled` soon after.',
      answers: { 202: { description: 'The run was asked to stop.', schema: runViewSchema } },
      problems: ['run-not-found', 'forbidden', 'run-closed', 'unavailable'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await runs.cancelRun(principal, context.req.param('runId') ?? ''), 202),
    },
    {
      method: 'post',
      path: '/v1/runs/{runId}/steer',
      operationId: 'steerRun',
      summary: 'The principal says something to his run; its next model call reads it. The mandate stays as it is.',
      headers: { 'Idempotency-Key': 'The same key and text again is the same message.' },
      body: steerBodySchema,
      answers: { 202: { description: 'Stored and signed.', schema: steerMessageSchema } },
      problems: ['run-not-found', 'forbidden', 'run-closed', 'steering-exhausted', 'idempotency-conflict'],
      access: 'principal',
      async handle(context, principal) {
        const body = await readJsonBody(context.req.raw);
        const key = context.req.header('idempotency-key');
        return context.json(await runs.steerRun(principal, context.req.param('runId') ?? '', body, key), 202);
      },
    },
    {
      method: 'get',
      path: '/v1/runs/{runId}/steer',
      operationId: 'listSteering',
      summary: 'What the principal has said to the run since it began, and which turn took it up.',
      answers: { 200: { description: 'The messages, in order.', schema: steerMessagesSchema } },
      problems: ['run-not-found'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await runs.runSteering(principal, context.req.param('runId') ?? '')),
    },
  ];
}
