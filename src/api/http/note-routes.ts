import { noteBodySchema, noteSchema, notesSchema } from '../../contracts/http/note.schema.ts';
import type { Services } from '../services.ts';
import type { ApiRoute } from './api-route.ts';
import { readJsonBody } from './read-json-body.ts';

/** What colleagues say to each other about an approval. */
export function noteRoutes({ notes }: Pick<Services, 'notes'>): readonly ApiRoute[] {
  return [
    {
      method: 'post',
      path: '/v1/approvals/{approvalId}/notes',
      operationId: 'addNote',
      summary:
        'Say something to colleagues about an approval: a question, or its answer. It is no verdict, and the agent never reads it.',
      headers: { 'Idempotency-Key': 'The same key and text again is the same note.' },
      body: noteBodySchema,
      answers: { 201: { description: 'Stored.', schema: noteSchema } },
      problems: ['approval-not-found', 'forbidden', 'approval-closed', 'notes-exhausted', 'idempotency-conflict'],
      access: 'principal',
      async handle(context, principal) {
        const body = await readJsonBody(context.req.raw);
        const key = context.req.header('idempotency-key');
        return context.json(await notes.addNote(principal, context.req.param('approvalId') ?? '', body, key), 201);
      },
    },
    {
      method: 'get',
      path: '/v1/approvals/{approvalId}/notes',
      operationId: 'listNotes',
      summary: 'What colleagues have said about an approval, oldest first.',
      answers: { 200: { description: 'The notes.', schema: notesSchema } },
      problems: ['approval-not-found'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await notes.notesOf(principal, context.req.param('approvalId') ?? '')),
    },
  ];
}
