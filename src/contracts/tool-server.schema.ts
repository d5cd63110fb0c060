import { z } from 'zod';
import { durationSchema, nameSchema, sha256Schema } from './scalars.schema.ts';

export const argumentRoles = ['route', 'payload', 'inert'] as const;
export const effectClasses = ['read', 'write', 'irreversible'] as const;
export const integrityLevels = ['system', 'principal', 'vetted', 'untrusted'] as const;
export const confidentialityLevels = ['public', 'internal', 'confidential', 'restricted'] as const;

/** What is known of a result's field before anybody has looked at it; see the label lattice. */
export const resultLabelSchema = z.strictObject({
  integrity: z.enum(integrityLevels).optional(),
  level: z.enum(confidentialityLevels).optional(),
  categories: z.array(z.string().max(32)).max(16).optional(),
});

/**
 * A question that the engine itself asks the operator's records before an action is decided:
 * look up `from` with keys taken from this call's arguments, then compare.
 * It is true only if the record exists and every comparison holds.
 * `{ from: get_supplier, key: { supplierId: supplierId }, equal: { iban: iban } }` reads:
 * the IBAN of this call is the IBAN in the supplier's record.
 */
export const relationSchema = z.strictObject({
  /** A tool of the same server whose manifest says `record: true`. */
  from: nameSchema,
  /** The lookup's argument ← this call's argument. */
  key: z.record(nameSchema, nameSchema),
  /** The record's field (dots descend) = this call's argument. Text must be the record's or its NFKC form, decimals equal by value. */
  equal: z.record(z.string().max(128), nameSchema).default({}),
  /** What approvers are shown of the record: label ← field. A person knows a supplier by its name, not by its id. */
  show: z.record(nameSchema, z.string().max(128)).default({}),
  /** The record's field = this constant. */
  is: z.record(z.string().max(128), z.union([z.string(), z.boolean(), z.number()])).default({}),
});

/** `idempotent`: call again · `keyed`: call again with the same key · `probe:<tool>`: ask whether it happened · `never`: ask a person. */
export const retryClassSchema = z.union([
  z.enum(['idempotent', 'keyed', 'never']),
  z.templateLiteral(['probe:', z.string().regex(/^[a-z][a-z0-9_]{0,63}$/)]),
]);

export const toolManifestSchema = z.strictObject({
  /** Hash of name, description and schemas as announced when a person reviewed it (`toolPin`). */
  schema: sha256Schema,
  effect: z.enum(effectClasses),
  retry: retryClassSchema,
  args: z.record(nameSchema, z.enum(argumentRoles)).default({}),
  result: z.record(z.string().max(128), resultLabelSchema).default({}),
  /** True: answers come from records that only the operator writes, so relations may rely on them. */
  record: z.boolean().default(false),
  relations: z.record(nameSchema, relationSchema).default({}),
  clearance: z.enum(confidentialityLevels).default('internal'),
  region: z.string().max(32).optional(),
  timeout: durationSchema.default('30s'),
  compensate: nameSchema.optional(),
  dryRun: nameSchema.optional(),
  cost: z.strictObject({ microUsd: z.int().nonnegative() }).optional(),
  rateLimit: z.strictObject({ calls: z.int().positive(), per: durationSchema }).optional(),
  minPc: z.enum(integrityLevels).optional(),
});

export const toolServerSchema = z.strictObject({
  apiVersion: z.literal('countersign/v1'),
  kind: z.literal('ToolServer'),
  name: nameSchema,
  transport: z.union([
    z.strictObject({ url: z.url({ protocol: /^https?$/ }) }),
    z.strictObject({ command: z.string().min(1).max(512), args: z.array(z.string().max(1024)).max(64).default([]) }),
  ]),
  tools: z.record(nameSchema, toolManifestSchema),
});

export type EffectClass = (typeof effectClasses)[number];
export type Relation = z.infer<typeof relationSchema>;
export type ToolManifest = z.infer<typeof toolManifestSchema>;
export type ToolServerManifest = z.infer<typeof toolServerSchema>;
