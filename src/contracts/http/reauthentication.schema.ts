import { z } from 'zod';
import { maxIdTokenLength } from '../../domain/reauthentication.ts';

/** An ID token as the provider gave it: three parts in base64url. */
export const reauthenticationSchema = z.strictObject({
  idToken: z
    .string()
    .max(maxIdTokenLength)
    .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/),
});
