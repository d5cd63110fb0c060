import { z } from 'zod';
import { actionKinds } from '../domain/action.ts';

const short = z.string().max(1_024);

/** What `performAction` is asked for, by whoever can write to the namespace: its form is checked, and nothing in it believed. */
export const performRequestSchema = z.strictObject({
  run: z.strictObject({ tenant: short, runId: short }),
  action: z.strictObject({
    callId: short,
    key: short,
    kind: z.enum(actionKinds),
    tool: short,
    actionDigest: short,
    envelopeRef: z.string().regex(/^blob:[0-9a-f]{64}$/),
    /** The model's own, so of any length. */
    toolCallId: z.string(),
    toolName: z.string(),
  }),
  approvalId: short.optional(),
});
