import { z } from 'zod';
import { agentNameSchema, durationSchema, nameSchema, qualifiedToolSchema } from './scalars.schema.ts';
import { confidentialityLevels } from './tool-server.schema.ts';

/** The ceiling of every run of this agent; a mandate can only be narrower. */
export const agentLimitsSchema = z.strictObject({
  /** Model calls, the planning call not counted. */
  steps: z.int().min(1).max(10_000),
  toolCalls: z.int().min(1).max(10_000),
  /** Input and output tokens together. */
  tokens: z.int().min(1).max(1_000_000_000),
  costUsd: z.number().positive().max(1_000_000),
  wallTime: durationSchema,
});

export const agentSchema = z.strictObject({
  apiVersion: z.literal('countersign/v1'),
  kind: z.literal('Agent'),
  name: agentNameSchema,
  version: z.int().positive(),
  description: z.string().max(500).optional(),
  /** A group; its members do not count as approvers for this agent. */
  owner: nameSchema,
  /** A file beside agent.yaml. */
  prompt: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/),
  model: z.strictObject({ alias: nameSchema }),
  tools: z.array(qualifiedToolSchema).min(1).max(128),
  limits: agentLimitsSchema,
  data: z.strictObject({
    clearance: z.enum(confidentialityLevels),
    regions: z.array(z.string().max(32)).min(1).max(32),
  }),
});

export type AgentManifest = z.infer<typeof agentSchema>;
