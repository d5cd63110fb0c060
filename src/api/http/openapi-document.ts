import { z } from 'zod';
import {
  approvalPageSchema,
  approvalViewSchema,
  verdictBodySchema,
  verdictReceiptSchema,
  withdrawnVerdictSchema,
} from '../../contracts/http/approval.schema.ts';
import { batchAnswerSchema, batchBodySchema } from '../../contracts/http/batch.schema.ts';
import { delegationListSchema, delegationViewSchema, lendSchema } from '../../contracts/http/delegation.schema.ts';
import { devTokenRequestSchema, devTokenSchema } from '../../contracts/http/dev-token.schema.ts';
import { livenessSchema, readinessSchema } from '../../contracts/http/health.schema.ts';
import { jsonObjectSchema, jsonValueSchema } from '../../contracts/http/json.schema.ts';
import { noteBodySchema, noteSchema, notesSchema } from '../../contracts/http/note.schema.ts';
import { nudgeStandingSchema } from '../../contracts/http/nudge.schema.ts';
import {
  enrolPasskeySchema,
  passkeyChallengeSchema,
  passkeyListSchema,
  passkeyViewSchema,
  verdictChallengeBodySchema,
} from '../../contracts/http/passkey.schema.ts';
import { problemSchema } from '../../contracts/http/problem.schema.ts';
import { publicKeysSchema, receiptSchema } from '../../contracts/http/receipt.schema.ts';
import { runPageSchema, runViewSchema, startRunSchema } from '../../contracts/http/run.schema.ts';
import {
  endedSessionsSchema,
  endSessionsSchema,
  sessionListSchema,
  sessionViewSchema,
} from '../../contracts/http/session.schema.ts';
import { steerBodySchema, steerMessageSchema, steerMessagesSchema } from '../../contracts/http/steering.schema.ts';
import { timelineItemSchema } from '../../contracts/http/timeline.schema.ts';
import { type ErrorCode, errorRegistry } from '../../domain/error-registry.ts';
import type { JsonObject, JsonValue } from '../../domain/json.ts';
import type { ApiRoute } from './api-route.ts';

/** Schemas that clients meet by name. */
const named: readonly (readonly [string, z.ZodType])[] = [
  ['JsonValue', jsonValueSchema],
  ['JsonObject', jsonObjectSchema],
  ['Problem', problemSchema],
  ['StartRun', startRunSchema],
  ['Run', runViewSchema],
  ['RunPage', runPageSchema],
  ['Steer', steerBodySchema],
  ['SteerMessage', steerMessageSchema],
  ['SteerMessages', steerMessagesSchema],
  ['TimelineItem', timelineItemSchema],
  ['Approval', approvalViewSchema],
  ['ApprovalPage', approvalPageSchema],
  ['Receipt', receiptSchema],
  ['PublicKeys', publicKeysSchema],
  ['Verdict', verdictBodySchema],
  ['VerdictReceipt', verdictReceiptSchema],
  ['VerdictBatch', batchBodySchema],
  ['VerdictBatchAnswer', batchAnswerSchema],
  ['WithdrawnVerdict', withdrawnVerdictSchema],
  ['VerdictChallenge', verdictChallengeBodySchema],
  ['PasskeyChallenge', passkeyChallengeSchema],
  ['EnrolPasskey', enrolPasskeySchema],
  ['Passkey', passkeyViewSchema],
  ['PasskeyList', passkeyListSchema],
  ['Lend', lendSchema],
  ['Delegation', delegationViewSchema],
  ['DelegationList', delegationListSchema],
  ['Session', sessionViewSchema],
  ['SessionList', sessionListSchema],
  ['EndSessions', endSessionsSchema],
  ['EndedSessions', endedSessionsSchema],
  ['NewNote', noteBodySchema],
  ['Note', noteSchema],
  ['Notes', notesSchema],
  ['NudgeStanding', nudgeStandingSchema],
  ['DevTokenRequest', devTokenRequestSchema],
  ['DevToken', devTokenSchema],
  ['Liveness', livenessSchema],
  ['Readiness', readinessSchema],
];

const everyRoute: readonly ErrorCode[] = ['host-refused', 'rate-limited', 'payload-too-large', 'internal'];
const withPrincipal: readonly ErrorCode[] = ['unauthenticated', 'csrf-refused'];

/** OpenAPI 3.1 of exactly these routes. Zod speaks JSON Schema 2020-12, which is OpenAPI's own dialect. */
export function openApiDocument(routes: readonly ApiRoute[], version: string): JsonObject {
  const paths = new Map<string, JsonObject>();
  for (const route of routes) paths.set(route.path, { ...paths.get(route.path), [route.method]: operationOf(route) });
  return {
    openapi: '3.1.0',
    info: { title: 'Countersign', version, description: 'Agents whose every effect needs a countersigned action.' },
    paths: Object.fromEntries(paths),
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        session: { type: 'apiKey', in: 'cookie', name: 'countersign' },
      },
    },
  };
}

function componentSchemas(): JsonObject {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of named) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: 'input' });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, plain(schema)]),
  );
}

function operationOf(route: ApiRoute): JsonObject {
  const guarded = route.access === 'principal';
  return {
    operationId: route.operationId,
    summary: route.summary,
    security: guarded ? [{ bearer: [] }, { session: [] }] : [],
    parameters: parametersOf(route),
    ...(route.body && {
      requestBody: { required: true, content: { 'application/json': { schema: reference(route.body) } } },
    }),
    responses: {
      ...answersOf(route),
      ...problemsOf([...route.problems, ...everyRoute, ...inputCodes(route), ...(guarded ? withPrincipal : [])]),
    },
  };
}

function inputCodes(route: ApiRoute): readonly ErrorCode[] {
  return route.body || route.query || route.headers ? ['invalid-request'] : [];
}

function parametersOf({ path, query, headers }: ApiRoute): JsonValue[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name ?? '',
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    schema: inlined(schema),
  }));
  const inHeader = Object.entries(headers ?? {}).map(([name, description]) => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  }));
  return [...inPath, ...inQuery, ...inHeader];
}

function answersOf({ answers }: ApiRoute): JsonObject {
  const entries = Object.entries(answers).map(([status, { description, schema, mediaType }]) => {
    const content = schema && { content: { [mediaType ?? 'application/json']: { schema: reference(schema) } } };
    return [status, { description, ...content }];
  });
  return Object.fromEntries(entries);
}

function problemsOf(codes: readonly ErrorCode[]): JsonObject {
  const byStatus = Object.groupBy(codes, (code) => errorRegistry[code].status);
  const entries = Object.entries(byStatus).map(([status, group]) => {
    const description = [...new Set(group)].map((code) => `\`${code}\`: ${errorRegistry[code].title}`).join(' ');
    return [status, { description, content: { 'application/problem+json': { schema: reference(problemSchema) } } }];
  });
  return Object.fromEntries(entries);
}

function reference(schema: z.ZodType): JsonObject {
  const id = named.find(([, candidate]) => candidate === schema)?.[0];
  return id === undefined ? inlined(schema) : { $ref: `#/components/schemas/${id}` };
}

function inlined(schema: z.core.$ZodType): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return plain(rest);
}

/** As it will be sent: without what is undefined. */
function plain(schema: object): JsonObject {
  return JSON.parse(JSON.stringify(schema));
}
