import { z } from 'zod';

/** Of a subject as records name it: a development identity, or issuer and `sub` of an identity provider. */
export const subjectSchema = z
  .string()
  .min(1)
  .max(1_024)
  .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters');

export const sessionQuerySchema = z.strictObject({
  subject: subjectSchema.optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
});
export type SessionQuery = z.infer<typeof sessionQuerySchema>;

export const sessionViewSchema = z.strictObject({
  sessionId: z.string(),
  subject: z.string(),
  openedAt: z.string(),
  lastSeenAt: z.string(),
  expiresAt: z.string(),
});
export type SessionView = z.infer<typeof sessionViewSchema>;

export const sessionListSchema = z.strictObject({ items: z.array(sessionViewSchema) });
export type SessionListView = z.infer<typeof sessionListSchema>;

export const endSessionsSchema = z.strictObject({
  subject: subjectSchema,
  /** One session only; all of the person's without it. */
  sessionId: z
    .string()
    .regex(/^ses_[0-9a-f]{32}$/)
    .optional(),
});
export type EndSessions = z.infer<typeof endSessionsSchema>;

export const endedSessionsSchema = z.strictObject({ ended: z.int().nonnegative() });
export type EndedSessionsView = z.infer<typeof endedSessionsSchema>;
