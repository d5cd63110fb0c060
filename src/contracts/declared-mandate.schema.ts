import { z } from 'zod';

/** The one function of the planning call; its name is part of the external contract. */
export const declareMandateName = 'declare_mandate';

/** What the model declares. Unknown fields are dropped, not refused: the drafter is a model, and code compiles. */
export const declaredMandateSchema = z.object({
  tools: z.array(z.object({ name: z.string().max(128), maxCalls: z.int().min(1).max(1_000_000) })).max(256),
  values: z
    .array(z.object({ tool: z.string().max(128), arg: z.string().max(128), value: z.string().max(4_096) }))
    .max(256)
    .optional(),
  budget: z.object({ toolCalls: z.int().positive().optional(), steps: z.int().positive().optional() }).optional(),
  expiresAt: z.iso.datetime().optional(),
  rationale: z.string().max(4_000).optional(),
});
export type DeclaredMandate = z.infer<typeof declaredMandateSchema>;

/** As the model is shown it. Derived from the schema, so that the two cannot differ. */
export const declareMandateInput = z.toJSONSchema(declaredMandateSchema, { target: 'draft-2020-12' });
