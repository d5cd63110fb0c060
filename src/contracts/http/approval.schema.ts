import { z } from 'zod';
import { actionKinds, riskTiers } from '../../domain/action.ts';
import { approvalStates, verdictKinds } from '../../domain/approval.ts';
import { effectStates } from '../../domain/effect.ts';
import { agentNameSchema, qualifiedToolSchema, runIdSchema, sha256Schema } from '../scalars.schema.ts';
import { jsonObjectSchema } from './json.schema.ts';
import { stepUpSchema } from './passkey.schema.ts';
import { pageQuerySchema } from './run.schema.ts';

export const reasonSchema = z.strictObject({ rule: z.string(), message: z.string() });

export const quorumSchema = z.strictObject({ needed: z.int().positive(), roles: z.array(z.string()) });

/** Whose right a verdict used that was not its giver's own. */
export const lentRightSchema = z.strictObject({ delegationId: z.string(), from: z.string() });

export const verdictViewSchema = z.strictObject({
  by: z.string(),
  delegation: lentRightSchema.optional(),
  verdict: z.enum(verdictKinds),
  at: z.string(),
  reason: z.string().optional(),
});

/** An answer that counts no more: its giver took it back. */
export const withdrawnAnswerSchema = verdictViewSchema.extend({ withdrawnAt: z.string() });

export const approvalViewSchema = z.strictObject({
  approvalId: z.string(),
  runId: z.string(),
  kind: z.enum(actionKinds),
  state: z.enum(approvalStates),
  tool: z.string(),
  /** The resolved arguments that will be sent, whole. */
  args: jsonObjectSchema,
  /** In lists only: the stored content is missing or was changed, so `args` is empty, and nobody can approve it. */
  unreadable: z.literal(true).optional(),
  actionDigest: z.string(),
  risk: z.enum(riskTiers),
  reasons: z.array(reasonSchema),
  createdAt: z.string(),
  expiresAt: z.string(),
  /** The roles that count now, or counted when it closed. */
  quorum: quorumSchema,
  /** What happens while nobody decides: who is asked besides and from when, when people are reminded, and who owns the agent. */
  escalation: z
    .strictObject({
      widen: z.array(z.strictObject({ at: z.string(), roles: z.array(z.string()) })),
      /** Where policy names a time. */
      remindAt: z.string().optional(),
      owner: z.string(),
    })
    .optional(),
  verdicts: z.array(verdictViewSchema),
  /** Only where somebody took his answer back. */
  withdrawnVerdicts: z.array(withdrawnAnswerSchema).optional(),
  supersededBy: z.string().optional(),
  /** Only where a person changed the arguments: who, at which approval, and what they were before. */
  edited: z.strictObject({ by: z.string(), approvalId: z.string(), before: jsonObjectSchema }).optional(),
  effect: z.strictObject({ key: z.string(), state: z.enum(effectStates), settledAt: z.string().optional() }).optional(),
});
export type ApprovalView = z.infer<typeof approvalViewSchema>;

export const approvalPageSchema = z.strictObject({ items: z.array(approvalViewSchema), next: z.string().optional() });
export type ApprovalViewPage = z.infer<typeof approvalPageSchema>;

export const approvalQuerySchema = pageQuerySchema.extend({
  state: z.enum(approvalStates).optional(),
  runId: runIdSchema.optional(),
  /** A part of the run's id, in small or capital letters. */
  run: runIdSchema.optional(),
  tool: qualifiedToolSchema.optional(),
  agent: agentNameSchema.optional(),
  risk: z.enum(riskTiers).optional(),
  /** Only what whoever asks could answer now. */
  asked: z.enum(['me']).optional(),
  expiresBefore: z.iso.datetime().optional(),
  /** `newest` first, unless told; `expiry`: what expires first comes first. */
  order: z.enum(['newest', 'expiry']).optional(),
});
export type ApprovalQuery = z.infer<typeof approvalQuerySchema>;

/** Characters of the reason that goes with a verdict. */
export const maxReasonLength = 2_000;

export const verdictBodySchema = z.strictObject({
  verdict: z.enum(verdictKinds),
  /** Of the action that the person looked at. */
  actionDigest: sha256Schema,
  reason: z.string().max(maxReasonLength).optional(),
  /** With `edit`: the arguments as they should be. */
  args: jsonObjectSchema.optional(),
  /** Where policy asks for a step-up: what the approver’s passkey signed. */
  stepUp: stepUpSchema.optional(),
});
export type VerdictBody = z.infer<typeof verdictBodySchema>;

export const verdictReceiptSchema = z.strictObject({ verdictId: z.string() });
export type VerdictReceipt = z.infer<typeof verdictReceiptSchema>;

/** A verdict that its giver took back. */
export const withdrawnVerdictSchema = z.strictObject({ verdictId: z.string(), withdrawnAt: z.string() });
export type WithdrawnVerdictView = z.infer<typeof withdrawnVerdictSchema>;
