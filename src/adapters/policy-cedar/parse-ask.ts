import { z } from 'zod';
import { durationSchema, nameSchema } from '../../contracts/scalars.schema.ts';
import type { FieldError } from '../../domain/countersign-error.ts';
import type { ApprovalRequirement } from '../../domain/decision.ts';
import { durationMs } from '../../domain/duration.ts';
import { mergedEscalation } from '../../domain/escalation.ts';
import { parseReviewedFile } from '../../reviewed-files/parse-reviewed-file.ts';
import { maxAnnotationCharacters } from './policy-annotations.ts';

export const maxRungs = 4;

const rolesSchema = z.array(nameSchema).min(1).max(16);
const secondsSchema = durationSchema
  .transform((text) => Math.floor(durationMs(text) / 1_000))
  .refine((seconds) => seconds >= 1, { error: 'must be at least 1s' });

const askSchema = z
  .strictObject({
    quorum: z.int().min(1).max(16),
    roles: rolesSchema,
    ttl: secondsSchema,
    stepUp: z.boolean().default(false),
    /** Who is asked besides while nobody has decided. */
    widen: z
      .array(z.strictObject({ after: secondsSchema, roles: rolesSchema }))
      .max(maxRungs)
      .default([]),
    /** After the opening; people and the agent's owner are reminded then. */
    remind: secondsSchema.exactOptional(),
  })
  .superRefine(({ roles, ttl, widen, remind }, context) => {
    const wrong = (path: readonly (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    const asked = new Set(roles);
    for (const [index, rung] of widen.entries()) {
      const before = widen[index - 1]?.after ?? 0;
      if (rung.after >= ttl) wrong(['widen', index, 'after'], 'must be less than `ttl`');
      if (rung.after <= before) wrong(['widen', index, 'after'], 'must be more than that of the rung before');
      if (rung.roles.every((role) => asked.has(role)))
        wrong(['widen', index, 'roles'], 'must name a role that is not asked already');
      for (const role of rung.roles) asked.add(role);
    }
    if (remind !== undefined && remind >= ttl) wrong(['remind'], 'must be less than `ttl`');
  });

export interface ParsedAsk {
  readonly requirement?: ApprovalRequirement;
  /** Each with its place; none where there is a requirement. */
  readonly problems: readonly string[];
}

/** `@ask("{quorum, roles, ttl, stepUp, widen, remind}")`, or everything that is wrong with it. */
export function parseAsk(annotation: string): ParsedAsk {
  if (annotation.length > maxAnnotationCharacters)
    return { problems: [`it has more than ${maxAnnotationCharacters} characters`] };
  const found: FieldError[] = [];
  const ask = parseReviewedFile('@ask', annotation, askSchema, found);
  if (ask === undefined) return { problems: found.map(({ path, rule }) => `${path} ${rule}`) };
  const roles = [...new Set(ask.roles)].toSorted();
  const plain = { quorum: ask.quorum, roles, ttlSeconds: ask.ttl, stepUp: ask.stepUp };
  const widen = ask.widen.map((rung) => ({ afterSeconds: rung.after, roles: rung.roles }));
  const remind = ask.remind === undefined ? {} : { remindSeconds: ask.remind };
  const escalation = mergedEscalation([{ ...plain, widen, ...remind }], roles, ask.ttl);
  return { requirement: { ...plain, ...escalation }, problems: [] };
}
