import {
  approvalPageSchema,
  approvalQuerySchema,
  approvalViewSchema,
  verdictBodySchema,
  verdictReceiptSchema,
  withdrawnVerdictSchema,
} from '../../contracts/http/approval.schema.ts';
import { batchAnswerSchema, batchBodySchema } from '../../contracts/http/batch.schema.ts';
import { passkeyChallengeSchema, verdictChallengeBodySchema } from '../../contracts/http/passkey.schema.ts';
import { publicKeysSchema, receiptSchema } from '../../contracts/http/receipt.schema.ts';
import { canonicalJson } from '../../digest/canonical-json.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Services } from '../services.ts';
import type { ApiRoute } from './api-route.ts';
import { readJsonBody } from './read-json-body.ts';
import { readQuery } from './read-query.ts';

export function approvalRoutes({
  approvals,
  batches,
  publicKeys,
}: Pick<Services, 'approvals' | 'batches' | 'publicKeys'>): readonly ApiRoute[] {
  return [
    {
      method: 'get',
      path: '/v1/approvals',
      operationId: 'listApprovals',
      summary: 'What people were asked.',
      query: approvalQuerySchema,
      answers: { 200: { description: 'A page of approvals.', schema: approvalPageSchema } },
      problems: [],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await approvals.listApprovals(principal, readQuery(approvalQuerySchema, context.req.raw))),
    },
    {
      method: 'get',
      path: '/v1/approvals/{approvalId}',
      operationId: 'getApproval',
      summary: 'One approval: exactly what will run, why it was asked, and who has answered.',
      answers: { 200: { description: 'The approval.', schema: approvalViewSchema } },
      problems: ['approval-not-found'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await approvals.findApproval(principal, context.req.param('approvalId') ?? '')),
    },
    {
      method: 'get',
      path: '/v1/approvals/{approvalId}/receipt',
      operationId: 'getReceipt',
      summary: 'A document to keep: the action, the signed verdicts, and what is needed to check them offline.',
      answers: { 200: { description: 'The receipt, in its one form (RFC 8785).', schema: receiptSchema } },
      problems: ['approval-not-found'],
      access: 'principal',
      async handle(context, principal) {
        const receipt = await approvals.receiptOf(principal, context.req.param('approvalId') ?? '');
        context.header('Content-Type', 'application/json');
        return context.body(canonicalJson(receipt as object as JsonObject));
      },
    },
    {
      method: 'get',
      path: '/.well-known/countersign-keys',
      operationId: 'getPublicKeys',
      summary: 'The public keys of verdicts and receipts, rotated ones included.',
      answers: { 200: { description: 'The keys.', schema: publicKeysSchema } },
      problems: [],
      access: 'open',
      handle: async (context) => context.json(await publicKeys()),
    },
    {
      method: 'post',
      path: '/v1/approvals/{approvalId}/verdicts',
      operationId: 'giveVerdict',
      summary: 'Answer an approval. Accepted means stored and signed; the outcome is read from the approval.',
      body: verdictBodySchema,
      answers: { 202: { description: 'Stored and signed.', schema: verdictReceiptSchema } },
      problems: [
        'approval-not-found',
        'not-an-approver',
        'self-approval',
        'step-up-required',
        'approval-closed',
        'digest-mismatch',
        'already-decided',
      ],
      access: 'principal',
      async handle(context, principal) {
        const body = await readJsonBody(context.req.raw);
        return context.json(await approvals.giveVerdict(principal, context.req.param('approvalId') ?? '', body), 202);
      },
    },
    {
      method: 'post',
      path: '/v1/approvals/verdicts',
      operationId: 'giveVerdicts',
      summary:
        'Answer several approvals: each item is a verdict of its own, and one that is refused disturbs no other.',
      body: batchBodySchema,
      answers: { 200: { description: 'What became of each, in the same order.', schema: batchAnswerSchema } },
      problems: [],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await batches.giveVerdicts(principal, await readJsonBody(context.req.raw))),
    },
    {
      method: 'post',
      path: '/v1/approvals/{approvalId}/withdraw',
      operationId: 'withdrawVerdict',
      summary: 'Take your own answer back: a pending approval waits on without it, an approved one is not carried out.',
      answers: { 200: { description: 'It counts no more.', schema: withdrawnVerdictSchema } },
      problems: ['approval-not-found', 'verdict-not-found', 'approval-closed', 'already-decided'],
      access: 'principal',
      handle: async (context, principal) =>
        context.json(await approvals.withdrawVerdict(principal, context.req.param('approvalId') ?? '')),
    },
    {
      method: 'post',
      path: '/v1/approvals/{approvalId}/challenges',
      operationId: 'challengeVerdict',
      summary: 'What your passkey has to sign for one verdict, where policy asks for a step-up; from a login session.',
      body: verdictChallengeBodySchema,
      answers: { 201: { description: 'What the browser is asked to sign.', schema: passkeyChallengeSchema } },
      problems: [
        'approval-not-found',
        'not-an-approver',
        'self-approval',
        'step-up-required',
        'forbidden',
        'approval-closed',
        'digest-mismatch',
        'already-decided',
      ],
      access: 'principal',
      async handle(context, principal) {
        const body = await readJsonBody(context.req.raw);
        const approvalId = context.req.param('approvalId') ?? '';
        return context.json(await approvals.challengeVerdict(principal, approvalId, body), 201);
      },
    },
  ];
}
