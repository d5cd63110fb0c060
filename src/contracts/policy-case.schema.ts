import { z } from 'zod';
import type { ActionFacts, StartRunFacts } from '../domain/policy-facts.ts';
import { nameSchema, tenantSchema } from './scalars.schema.ts';

const name = z.string().min(1).max(256);
const count = z.int().nonnegative();
const agent = z.strictObject({ name, version: z.int().positive(), owner: name });
const initiatorKind = z.enum(['person', 'service']);

const common = {
  tenant: tenantSchema,
  agent,
  run: z.strictObject({ steps: count, toolCalls: count }),
  approval: z.strictObject({ granted: z.boolean(), approvers: z.array(name).max(16) }),
  initiator: z.strictObject({ id: name, kind: initiatorKind }),
  nowMs: count,
  onBehalfOf: name,
  risk: z.enum(['low', 'medium', 'high']),
};

/** What a case puts before policy: the same facts that the engine collects. */
export const policyCaseFactsSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('tool-call'),
    tool: z.strictObject({ server: nameSchema, name: nameSchema, effect: z.enum(['read', 'write', 'irreversible']) }),
    args: z.record(z.string(), z.json()),
    facts: z.record(nameSchema, z.boolean()),
    mandate: z.strictObject({ maxCalls: count, callsLeft: count }),
  }),
  z.strictObject({ ...common, kind: z.literal('answer'), text: z.string() }),
  z.strictObject({
    kind: z.literal('start-run'),
    tenant: tenantSchema,
    agent,
    initiator: z.strictObject({
      id: name,
      kind: initiatorKind,
      tenant: tenantSchema,
      roles: z.array(name).max(64),
      groups: z.array(name).max(64),
      acr: name,
    }),
    taskAuthority: z.enum(['principal', 'data']),
    nowMs: count,
  }),
]);

/**
 * `policies/cases/<area>/{allow,deny,ask}/<sentence>.json`: the folder is the verdict, the file name the sentence.
 * `set` is merged into `<area>/bases/<base>.json`: objects member by member, everything else replaced, null removes.
 */
export const policyCaseSchema = z.strictObject({
  base: z.string().regex(/^[a-z0-9-]{1,64}$/),
  set: z.record(z.string(), z.json()).default({}),
  /** Exactly the rules that decide, in any order; `default-deny` where none does. */
  rules: z.array(z.string().max(96)).min(1).max(32),
});

export type PolicyCaseFacts = ActionFacts | (StartRunFacts & { readonly kind: 'start-run' });
