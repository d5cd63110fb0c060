import { z } from 'zod';
import { durationSchema, nameSchema } from '../../contracts/scalars.schema.ts';
import type { ApprovalRequirement } from '../../domain/decision.ts';
import { durationMs } from '../../domain/duration.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Obligation } from '../../ports/policy.port.ts';
import { parseYaml } from '../../reviewed-files/parse-yaml.ts';

const maxAnnotationCharacters = 4_096;

const askSchema = z.strictObject({
  quorum: z.int().min(1).max(16),
  roles: z.array(nameSchema).min(1).max(16),
  ttl: durationSchema,
  stepUp: z.boolean().default(false),
});

const obligationSchema = z.strictObject({
  kind: nameSchema,
  parameters: z
    .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
    .default({}),
});

/** `@ask("{quorum, roles, ttl, stepUp}")`; undefined where it does not say exactly that. */
export function parseAsk(annotation: string): ApprovalRequirement | undefined {
  const result = askSchema.safeParse(annotationValue(annotation));
  if (!result.success) return undefined;
  const { quorum, roles, ttl, stepUp } = result.data;
  const ttlSeconds = Math.floor(durationMs(ttl) / 1_000);
  return ttlSeconds < 1 ? undefined : { quorum, roles: [...new Set(roles)].toSorted(), ttlSeconds, stepUp };
}

/** `@obligation`: one object with kind and parameters, or a list of them. */
export function parseObligations(annotation: string): readonly Obligation[] | undefined {
  const value = annotationValue(annotation);
  const result = z
    .array(obligationSchema)
    .min(1)
    .max(16)
    .safeParse(Array.isArray(value) ? value : [value]);
  return result.success ? result.data : undefined;
}

function annotationValue(annotation: string): unknown {
  if (annotation.length > maxAnnotationCharacters) return undefined;
  const parsed = parseYaml(annotation);
  return 'value' in parsed ? parsed.value : undefined;
}
