import { z } from 'zod';
import { actionKinds, riskTiers } from '../../domain/action.ts';
import { reasonSchema } from './approval.schema.ts';
import { jsonObjectSchema, jsonValueSchema } from './json.schema.ts';

/** An action envelope as it is read back from the blob store; the digest over exactly these fields is the action digest. */
export const storedEnvelopeSchema = z.strictObject({
  v: z.literal(1),
  tenant: z.string(),
  agent: z.string(),
  agentVersion: z.int(),
  workflowId: z.string(),
  runId: z.string(),
  callId: z.string(),
  kind: z.enum(actionKinds),
  tool: z.string(),
  toolPin: z.string(),
  args: jsonObjectSchema,
  labelsDigest: z.string(),
  onBehalfOf: z.string(),
  credentialScope: z.string(),
  risk: z.enum(riskTiers),
  preconditions: jsonObjectSchema,
  askedUnderPolicy: z.string(),
  renderHash: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  nonce: z.string(),
  edited: z
    .strictObject({ approvalId: z.string(), verdictId: z.string(), by: z.string(), before: jsonObjectSchema })
    .exactOptional(),
});
export type StoredEnvelope = z.infer<typeof storedEnvelopeSchema>;

const sheetRowSchema = z.strictObject({
  path: z.string(),
  role: z.enum(['route', 'payload', 'inert', 'unclassified']),
  json: z.string(),
});

/** What approvers are shown, as it is read back; its digest is the approval's `renderHash`. */
export const storedSheetSchema = z.strictObject({
  tool: z.string(),
  effect: z.enum(['read', 'write', 'irreversible', 'answer']),
  undo: z.string().exactOptional(),
  agent: z.string(),
  agentVersion: z.int(),
  onBehalfOf: z.string(),
  rows: z.array(sheetRowSchema),
  reasons: z.array(reasonSchema),
  facts: z.record(z.string(), z.boolean()),
  records: z.array(z.strictObject({ label: z.string(), json: z.string() })),
  edited: z.strictObject({ by: z.string(), approvalId: z.string(), before: z.array(sheetRowSchema) }).exactOptional(),
});

/** `{task, inputs}` as a run's ticket refers to it. */
export const storedTaskSchema = z.strictObject({ task: z.string(), inputs: jsonValueSchema.optional() });
