import { z } from 'zod';
import { actionKinds } from '../../domain/action.ts';
import { approvalStates, verdictKinds } from '../../domain/approval.ts';
import { runStates } from '../../domain/run.ts';
import { lentRightSchema, quorumSchema, reasonSchema } from './approval.schema.ts';
import { jsonObjectSchema } from './json.schema.ts';
import { runFailureSchema } from './run.schema.ts';

const base = {
  /** Grows within the whole server; the `id` of the server-sent event. */
  position: z.int().positive(),
  /** ISO 8601. */
  at: z.string(),
  runId: z.string(),
};

/** The action that an item speaks of. `args` are the stored, resolved arguments. */
const action = {
  callId: z.string(),
  /** `server.tool`; `run.answer` for an answer. */
  tool: z.string(),
  args: jsonObjectSchema,
};

export const runStartedSchema = z.strictObject({
  ...base,
  event: z.literal('run-started'),
  agent: z.string(),
  agentVersion: z.int(),
  initiator: z.string(),
  task: z.string(),
});

export const mandateFrozenSchema = z.strictObject({
  ...base,
  event: z.literal('mandate-frozen'),
  tools: z.array(z.strictObject({ name: z.string(), maxCalls: z.int() })),
  expiresAt: z.string(),
  rationale: z.string(),
});

export const modelCalledSchema = z.strictObject({
  ...base,
  event: z.literal('model-called'),
  /** 0 is the planning call. */
  turn: z.int().nonnegative(),
  model: z.string(),
  /** True of the embedded rehearsal model, which every surface must label as what it is. */
  rehearsal: z.boolean(),
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  costMicroUsd: z.number().nonnegative(),
});

export const actionDecidedSchema = z.strictObject({
  ...base,
  ...action,
  event: z.literal('action-decided'),
  kind: z.enum(actionKinds),
  /** Where it was decided: when proposed, after people had answered, or at the effect. */
  point: z.enum(['proposal', 'gate', 'effect']),
  actionDigest: z.string(),
  decision: z.enum(['allow', 'ask', 'deny']),
  /** With `deny`: the code that the model is told. */
  code: z.string().optional(),
  reasons: z.array(reasonSchema),
  policyDigest: z.string(),
});

export const approvalOpenedSchema = z.strictObject({
  ...base,
  ...action,
  event: z.literal('approval-opened'),
  approvalId: z.string(),
  actionDigest: z.string(),
  reasons: z.array(reasonSchema),
  quorum: quorumSchema,
  /** Who is asked besides while nobody has decided, and from when. */
  widen: z.array(z.strictObject({ at: z.string(), roles: z.array(z.string()) })).optional(),
  expiresAt: z.string(),
});

export const verdictGivenSchema = z.strictObject({
  ...base,
  ...action,
  event: z.literal('verdict-given'),
  approvalId: z.string(),
  verdictId: z.string(),
  by: z.string(),
  delegation: lentRightSchema.optional(),
  verdict: z.enum(verdictKinds),
  reason: z.string().optional(),
  /** Its giver has taken it back since. */
  withdrawnAt: z.string().optional(),
});

export const approvalClosedSchema = z.strictObject({
  ...base,
  ...action,
  event: z.literal('approval-closed'),
  approvalId: z.string(),
  state: z.enum(approvalStates),
});

export const effectLandedSchema = z.strictObject({
  ...base,
  ...action,
  event: z.literal('effect-landed'),
  approvalId: z.string().optional(),
  /** `ok`, or the code that the model was told instead of a result. */
  outcome: z.string(),
});

export const effectInDoubtSchema = z.strictObject({ ...base, ...action, event: z.literal('effect-in-doubt') });

export const runClosedSchema = z.strictObject({
  ...base,
  event: z.literal('run-closed'),
  state: z.enum(runStates),
  failure: runFailureSchema.optional(),
  output: z.strictObject({ text: z.string() }).optional(),
});

/** One public event with what a page or a terminal needs to show it; the `data` of the server-sent event. */
export const timelineItemSchema = z.discriminatedUnion('event', [
  runStartedSchema,
  mandateFrozenSchema,
  modelCalledSchema,
  actionDecidedSchema,
  approvalOpenedSchema,
  verdictGivenSchema,
  approvalClosedSchema,
  effectLandedSchema,
  effectInDoubtSchema,
  runClosedSchema,
]);
export type TimelineItem = z.infer<typeof timelineItemSchema>;
