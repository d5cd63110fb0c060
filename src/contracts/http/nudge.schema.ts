import { z } from 'zod';

const count = z.int().nonnegative();

export const nudgeStandingSchema = z.strictObject({
  /** Still to be sent. */
  due: count,
  /** Of those that are due: at least one attempt failed. */
  retrying: count,
  sent: count,
  /** Given up. */
  failed: count,
  /** Questions for whose people no channel is named. */
  unaddressed: count,
  lastFailure: z.strictObject({ channel: z.string(), code: z.string(), at: z.string() }).optional(),
});
export type NudgeStandingView = z.infer<typeof nudgeStandingSchema>;
