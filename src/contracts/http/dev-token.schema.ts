import { z } from 'zod';

export const devTokenRequestSchema = z.strictObject({ as: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/) });

export const devTokenSchema = z.strictObject({ token: z.string(), expiresAt: z.string() });
export type DevToken = z.infer<typeof devTokenSchema>;
