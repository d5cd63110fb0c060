import { z } from 'zod';
import { nameSchema } from '../../contracts/scalars.schema.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Obligation } from '../../ports/policy.port.ts';
import { parseYaml } from '../../reviewed-files/parse-yaml.ts';

export const maxAnnotationCharacters = 4_096;

const obligationSchema = z.strictObject({
  kind: nameSchema,
  parameters: z
    .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
    .default({}),
});

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
