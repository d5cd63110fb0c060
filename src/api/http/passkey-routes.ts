import {
  enrolPasskeySchema,
  passkeyChallengeSchema,
  passkeyListSchema,
  passkeyViewSchema,
} from '../../contracts/http/passkey.schema.ts';
import type { Services } from '../services.ts';
import type { ApiRoute } from './api-route.ts';
import { readJsonBody, requireJson } from './read-json-body.ts';

export function passkeyRoutes({ passkeys }: Pick<Services, 'passkeys'>): readonly ApiRoute[] {
  return [
    {
      method: 'get',
      path: '/v1/passkeys',
      operationId: 'listPasskeys',
      summary: 'Your passkeys, and those of others that you may confirm or revoke.',
      answers: { 200: { description: 'Your own first.', schema: passkeyListSchema } },
      problems: [],
      access: 'principal',
      handle: async (context, principal) => context.json(await passkeys.listPasskeys(principal)),
    },
    {
      method: 'post',
      path: '/v1/passkeys/challenges',
      operationId: 'beginEnrolment',
      summary: 'Begin to enrol a passkey, from a login session.',
      answers: { 201: { description: 'What the browser is asked to make.', schema: passkeyChallengeSchema } },
      problems: ['forbidden', 'passkey-limit'],
      access: 'principal',
      handle: async (context, principal) => context.json(await passkeys.beginEnrolment(principal), 201),
    },
    {
      method: 'post',
      path: '/v1/passkeys',
      operationId: 'enrolPasskey',
      summary: 'Enrol the passkey that the browser made. It waits for the confirmation of a second person.',
      body: enrolPasskeySchema,
      answers: { 201: { description: 'The passkey.', schema: passkeyViewSchema } },
      problems: ['forbidden', 'passkey-refused'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await passkeys.enrolPasskey(principal, requireJson(await readJsonBody(context.req.raw))), 201),
    },
    {
      method: 'post',
      path: '/v1/passkeys/{passkeyId}/confirm',
      operationId: 'confirmPasskey',
      summary: 'Say that a passkey is its owner’s; for a second person with the role admin or lead.',
      answers: { 200: { description: 'The passkey.', schema: passkeyViewSchema } },
      problems: ['not-found', 'passkey-not-yours', 'passkey-settled'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await passkeys.confirmPasskey(principal, context.req.param('passkeyId') ?? '')),
    },
    {
      method: 'post',
      path: '/v1/passkeys/{passkeyId}/revoke',
      operationId: 'revokePasskey',
      summary: 'Revoke a passkey for ever; for its owner and for administrators.',
      answers: { 200: { description: 'The passkey.', schema: passkeyViewSchema } },
      problems: ['not-found', 'passkey-not-yours', 'passkey-settled'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await passkeys.revokePasskey(principal, context.req.param('passkeyId') ?? '')),
    },
  ];
}
