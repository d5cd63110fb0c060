import { z } from 'zod';
import type { InboxQuery } from '../api/services.ts';
import { agentNameSchema, qualifiedToolSchema, runIdSchema } from '../contracts/scalars.schema.ts';
import { riskTiers } from '../domain/action.ts';
import { CountersignError } from '../domain/countersign-error.ts';

/** A form sends every field, also those that were left empty. */
const given = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const addressSchema = z.object({
  asked: given(z.enum(['me'])),
  risk: given(z.enum(riskTiers)),
  ends: given(z.enum(['hour'])),
  tool: given(qualifiedToolSchema),
  agent: given(agentNameSchema),
  run: given(runIdSchema),
  after: given(z.string().max(512)),
  before: given(z.string().max(512)),
});

/** Names that an address may carry; whatever else is stored under such a name is found by its run. */
export const filterNames = { tool: qualifiedToolSchema, agent: agentNameSchema };

/** Which part of the inbox an address shows. */
export type InboxAddress = z.infer<typeof addressSchema>;

/** Fails with `invalid-request`; what the inbox does not know is left alone, as mail programs add to links. */
export function readAddress(query: Readonly<Record<string, string>>): InboxAddress {
  const parsed = addressSchema.safeParse(query);
  if (!parsed.success) throw new CountersignError('invalid-request');
  return parsed.data;
}

export function queryOf({ asked, risk, ends, tool, agent, run }: InboxAddress): InboxQuery {
  return {
    ...(asked && { asked }),
    ...(risk && { risk }),
    ...(ends && { endsSoon: true }),
    ...(tool && { tool }),
    ...(agent && { agent }),
    ...(run && { runText: run }),
  };
}

export function placeOf({ after, before }: InboxAddress): { readonly after?: string; readonly before?: string } {
  return { ...(after && { after }), ...(before && { before }) };
}

/** `path` with what the address says; another filter begins at the first page again. */
export function addressOf(path: string, address: InboxAddress, change: Partial<InboxAddress> = {}): string {
  const changed = { ...address, after: undefined, before: undefined, ...change };
  const pairs = Object.entries(changed).filter((pair): pair is [string, string] => (pair[1] ?? '') !== '');
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs).toString()}`;
}

export function isNarrowed({ asked, risk, ends, tool, agent, run }: InboxAddress): boolean {
  return [asked, risk, ends, tool, agent, run].some((value) => value !== undefined);
}
