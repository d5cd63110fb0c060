import { z } from 'zod';
import { sha256Schema } from '../scalars.schema.ts';
import { maxReasonLength, verdictReceiptSchema } from './approval.schema.ts';
import { problemSchema } from './problem.schema.ts';

/** Answers in one batch: as many as one person can look at before he sends them. */
export const maxBatchItems = 20;

const approvalIdSchema = z.string().min(1).max(64);

/** One answer of a batch, with the digest of the action that the person looked at. Arguments are changed one by one. */
export const batchItemSchema = z.strictObject({
  approvalId: approvalIdSchema,
  verdict: z.enum(['approve', 'reject']),
  actionDigest: sha256Schema,
  reason: z.string().max(maxReasonLength).optional(),
});
export type BatchItem = z.infer<typeof batchItemSchema>;

export const batchBodySchema = z.strictObject({
  items: z
    .array(batchItemSchema)
    .min(1)
    .max(maxBatchItems)
    .refine((items) => new Set(items.map(({ approvalId }) => approvalId)).size === items.length, {
      error: 'must name no approval twice',
    }),
});

/** What became of one answer: stored and signed, or why not. */
export const batchOutcomeSchema = z.union([
  z.strictObject({ approvalId: approvalIdSchema, ...verdictReceiptSchema.shape }),
  z.strictObject({ approvalId: approvalIdSchema, problem: problemSchema }),
]);
export type BatchOutcome = z.infer<typeof batchOutcomeSchema>;

/** In the order of the request. */
export const batchAnswerSchema = z.strictObject({ items: z.array(batchOutcomeSchema) });
export type BatchAnswer = z.infer<typeof batchAnswerSchema>;
