import { z } from 'zod';
import { verdictKinds } from '../../domain/approval.ts';
import { passkeyStates } from '../../domain/passkey.ts';
import { sha256Schema } from '../scalars.schema.ts';
import { jsonObjectSchema } from './json.schema.ts';

const base64url = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url without padding');

const challengeIdSchema = z.string().regex(/^chl_[0-9a-f]{32}$/);

/** What `navigator.credentials.get` gave, in base64url. */
export const passkeyAssertionSchema = z.strictObject({
  /** WebAuthn's own limit is 1023 bytes. */
  credentialId: base64url(1_364),
  clientDataJson: base64url(8_192),
  authenticatorData: base64url(8_192),
  signature: base64url(4_096),
});

/** The proof that goes with a verdict. */
export const stepUpSchema = passkeyAssertionSchema.extend({ challengeId: challengeIdSchema });

/** Which verdict a challenge is for. */
export const verdictChallengeBodySchema = z.strictObject({
  verdict: z.enum(verdictKinds),
  actionDigest: sha256Schema,
  /** With `edit`: the arguments as they should be. */
  args: jsonObjectSchema.optional(),
});

export const passkeyChallengeSchema = z.strictObject({
  challengeId: challengeIdSchema,
  expiresAt: z.string(),
  /** The options of WebAuthn, in its JSON form. */
  publicKey: jsonObjectSchema,
});
export type PasskeyChallengeView = z.infer<typeof passkeyChallengeSchema>;

/** What `navigator.credentials.create` gave, in base64url. */
export const enrolPasskeySchema = z.strictObject({
  challengeId: challengeIdSchema,
  credentialId: base64url(1_364),
  clientDataJson: base64url(8_192),
  attestationObject: base64url(65_536),
  transports: z.array(z.string().regex(/^[a-z-]{1,32}$/)).max(8),
});

export const passkeyViewSchema = z.strictObject({
  passkeyId: z.string(),
  subject: z.string(),
  state: z.enum(passkeyStates),
  /** For two people to compare before one of them confirms. */
  fingerprint: z.string(),
  enrolledAt: z.string(),
  confirmedBy: z.string().optional(),
  confirmedAt: z.string().optional(),
  revokedBy: z.string().optional(),
  revokedAt: z.string().optional(),
  /** What whoever asks may do with it. */
  may: z.strictObject({ confirm: z.boolean(), revoke: z.boolean() }),
});
export type PasskeyView = z.infer<typeof passkeyViewSchema>;

export const passkeyListSchema = z.strictObject({ items: z.array(passkeyViewSchema) });
export type PasskeyListView = z.infer<typeof passkeyListSchema>;
