import { z } from 'zod';
import { actionKinds } from '../../domain/action.ts';
import { approvalStates } from '../../domain/approval.ts';
import { reasonSchema } from './approval.schema.ts';

/**
 * What the event stream reads from the bodies of audit records; a body may hold more.
 * Everything else that an item shows comes from the stores: mandate, approval, verdict, run, and the action's envelope.
 */
export const runStartedBodySchema = z.object({
  agent: z.string(),
  agentVersion: z.int(),
  initiator: z.string(),
  taskRef: z.string(),
});

export const modelCalledBodySchema = z.object({
  turn: z.int().nonnegative(),
  model: z.string().default(''),
  inputTokens: z.int().nonnegative().default(0),
  outputTokens: z.int().nonnegative().default(0),
  costMicroUsd: z.number().nonnegative().default(0),
});

export const actionDecidedBodySchema = z.object({
  callId: z.string(),
  kind: z.enum(actionKinds).default('tool-call'),
  tool: z.string(),
  actionDigest: z.string(),
  envelopeRef: z.string(),
  decision: z.enum(['allow', 'ask', 'deny']),
  code: z.string().optional(),
  reasons: z.array(reasonSchema).default([]),
  policyDigest: z.string().default(''),
});

export const approvalBodySchema = z.object({ approvalId: z.string() });

export const approvalClosedBodySchema = z.object({ approvalId: z.string(), state: z.enum(approvalStates) });

export const verdictBodyRecordSchema = z.object({ approvalId: z.string(), verdictId: z.string() });

export const effectBodySchema = z.object({
  /** The effect key; its last part is the call id. */
  key: z.string(),
  tool: z.string(),
  approvalId: z.string().optional(),
  /** The code the model was told; absent where the tool gave a result. */
  code: z.string().optional(),
});
