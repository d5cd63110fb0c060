import { z } from 'zod';
import { delegationStates } from '../../domain/delegation.ts';
import { subjectSchema } from './session.schema.ts';

/** Characters of the reason that goes with a delegation. */
export const maxDelegationReason = 500;

export const lendSchema = z.strictObject({
  /** Subject of whoever may answer instead. */
  to: subjectSchema,
  /** Of those that the lender holds himself. */
  roles: z.array(z.string().min(1).max(128)).min(1).max(32),
  /** At once without it. */
  begins: z.iso.datetime().optional(),
  ends: z.iso.datetime(),
  reason: z.string().max(maxDelegationReason).optional(),
});
export type Lend = z.infer<typeof lendSchema>;

export const delegationQuerySchema = z.strictObject({
  /** Everybody's, for administrators. */
  all: z.enum(['true', 'false']).optional(),
});
export type DelegationQuery = z.infer<typeof delegationQuerySchema>;

export const delegationViewSchema = z.strictObject({
  delegationId: z.string(),
  from: z.string(),
  to: z.string(),
  roles: z.array(z.string()),
  begins: z.string(),
  ends: z.string(),
  reason: z.string().optional(),
  at: z.string(),
  state: z.enum(delegationStates),
  /** Whether it counts at this moment, as far as its time and state say. */
  inForce: z.boolean(),
  endedBy: z.string().optional(),
  endedAt: z.string().optional(),
  /** What whoever asks may do with it. */
  may: z.strictObject({ end: z.boolean() }),
});
export type DelegationView = z.infer<typeof delegationViewSchema>;

export const delegationListSchema = z.strictObject({ items: z.array(delegationViewSchema) });
export type DelegationListView = z.infer<typeof delegationListSchema>;
