import { z } from 'zod';

/** RFC 9457 problem document. `code` is stable; `title`, `detail` and `hint` are for people and may change. */
export const problemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  /** Names this one answer in the server's log. */
  instance: z.string(),
  errors: z.array(z.strictObject({ path: z.string(), rule: z.string() })).optional(),
  hint: z.string().optional(),
});
export type Problem = z.infer<typeof problemSchema>;
