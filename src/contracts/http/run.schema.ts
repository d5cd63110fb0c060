import { z } from 'zod';
import { runStates } from '../../domain/run.ts';
import { agentNameSchema, runIdSchema, tenantSchema } from '../scalars.schema.ts';
import { jsonValueSchema } from './json.schema.ts';

/** Characters of a task; longer material belongs into `inputs`. */
export const maxTaskLength = 20_000;

export const startRunSchema = z.strictObject({
  runId: runIdSchema.optional(),
  agent: agentNameSchema,
  version: z.int().positive().optional(),
  /** The principal's own words where a person's session or token carries them; data otherwise. */
  task: z.string().min(1).max(maxTaskLength),
  /** Always data, whoever sends it. */
  inputs: jsonValueSchema.optional(),
  tenant: tenantSchema.optional(),
});
export type StartRun = z.infer<typeof startRunSchema>;

export const usageSchema = z.strictObject({
  modelCalls: z.int().nonnegative(),
  toolCalls: z.int().nonnegative(),
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  /** Millionths of a dollar. */
  costMicroUsd: z.number().nonnegative(),
});

export const runFailureSchema = z.strictObject({ code: z.string(), message: z.string() });

export const runViewSchema = z.strictObject({
  runId: z.string(),
  workflowId: z.string(),
  agent: z.string(),
  version: z.int(),
  tenant: z.string(),
  state: z.enum(runStates),
  output: z.strictObject({ text: z.string() }).optional(),
  failure: runFailureSchema.optional(),
  pendingApprovals: z.int().nonnegative(),
  usage: usageSchema,
  startedAt: z.string(),
  closedAt: z.string().optional(),
  links: z.strictObject({ self: z.string(), page: z.string(), temporal: z.string() }),
});
export type RunView = z.infer<typeof runViewSchema>;

export const runPageSchema = z.strictObject({ items: z.array(runViewSchema), next: z.string().optional() });
export type RunViewPage = z.infer<typeof runPageSchema>;

export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).optional(),
  /** `next` of the page before. */
  cursor: z.string().min(1).max(512).optional(),
});
export type PageQuery = z.infer<typeof pageQuerySchema>;
