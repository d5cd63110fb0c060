import { z } from 'zod';

/** Characters of one message to a run. */
export const maxSteerLength = 4_000;

export const steerBodySchema = z.strictObject({
  /** The principal's own words. */
  text: z.string().min(1).max(maxSteerLength).regex(/\S/, 'must hold more than white space'),
});

export const steerMessageSchema = z.strictObject({
  steerId: z.string(),
  runId: z.string(),
  /** Counts from 1 within the run; messages are read in this order. */
  position: z.int().positive(),
  text: z.string(),
  by: z.string(),
  authority: z.literal('principal'),
  at: z.string(),
  /** `waiting` for the next turn, `taken` up by one, or `unread` because the run ended first. */
  state: z.enum(['waiting', 'taken', 'unread']),
  takenTurn: z.int().positive().optional(),
});
export type SteerMessageView = z.infer<typeof steerMessageSchema>;

export const steerMessagesSchema = z.strictObject({ items: z.array(steerMessageSchema) });
export type SteerMessagesView = z.infer<typeof steerMessagesSchema>;

/** As a message lies in the blob store. */
export const storedSteerTextSchema = z.strictObject({ text: z.string() });
