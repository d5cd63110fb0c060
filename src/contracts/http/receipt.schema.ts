import { z } from 'zod';
import { actionKinds } from '../../domain/action.ts';
import { approvalStates, verdictKinds } from '../../domain/approval.ts';
import { lentRightSchema, reasonSchema } from './approval.schema.ts';
import { passkeyAssertionSchema } from './passkey.schema.ts';
import { reauthenticationSchema } from './reauthentication.schema.ts';
import { storedEnvelopeSchema, storedSheetSchema } from './stored-action.schema.ts';

/** What receipts are checked with. The keys of other purposes are nobody's business. */
export const receiptPurposes = ['verdict', 'receipt', 'delegation'] as const;

const signature = { keyId: z.string().max(128), signature: z.string().max(128) };

export const publicKeySchema = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  kid: z.string().max(128),
  use: z.literal('sig'),
  alg: z.literal('EdDSA'),
  /** Part of what is signed: a key of one purpose verifies nothing of another. */
  purpose: z.enum(receiptPurposes),
});

/** Every key that verdicts, receipts and delegations were ever signed with, oldest first. */
export const publicKeysSchema = z.strictObject({ keys: z.array(publicKeySchema).max(1_000) });
export type PublicKeysView = z.infer<typeof publicKeysSchema>;

const requirementSchema = z.strictObject({
  quorum: z.int().positive(),
  roles: z.array(z.string()),
  ttlSeconds: z.number(),
  stepUp: z.boolean(),
  widen: z.array(z.strictObject({ afterSeconds: z.number(), roles: z.array(z.string()) })).exactOptional(),
  remindSeconds: z.number().exactOptional(),
});

const signedVerdictSchema = z.strictObject({
  verdict: z.strictObject({
    v: z.literal(1),
    verdictId: z.string(),
    approvalId: z.string(),
    tenant: z.string(),
    actionDigest: z.string(),
    renderHash: z.string(),
    verdict: z.enum(verdictKinds),
    approver: z.string(),
    roles: z.array(z.string()),
    groups: z.array(z.string()),
    acr: z.string(),
    nonce: z.string(),
    at: z.string(),
    reason: z.string(),
    assertion: passkeyAssertionSchema.optional(),
    reauthentication: reauthenticationSchema.optional(),
    delegation: lentRightSchema.exactOptional(),
    edit: z
      .strictObject({
        callId: z.string(),
        argsRef: z.string(),
        digest: z.string(),
        requirement: requirementSchema,
      })
      .exactOptional(),
  }),
  ...signature,
});

/** A verdict that was taken back, and its giver's signed word for it. */
const withdrawnVerdictSchema = signedVerdictSchema.extend({
  withdrawn: z.strictObject({
    withdrawal: z.strictObject({
      v: z.literal(1),
      withdraws: z.string(),
      approvalId: z.string(),
      tenant: z.string(),
      actionDigest: z.string(),
      approver: z.string(),
      acr: z.string(),
      at: z.string(),
    }),
    ...signature,
  }),
});

const signedDelegationSchema = z.strictObject({
  delegation: z.strictObject({
    v: z.literal(1),
    delegationId: z.string(),
    tenant: z.string(),
    from: z.string(),
    to: z.string(),
    roles: z.array(z.string()),
    begins: z.string(),
    ends: z.string(),
    reason: z.string(),
    at: z.string(),
  }),
  ...signature,
  /** Where it was ended early. */
  endedAt: z.string().exactOptional(),
});

const receiptBody = {
  kind: z.literal('countersign-receipt'),
  v: z.literal(1),
  issuedAt: z.string(),
  approval: z.strictObject({
    approvalId: z.string(),
    tenant: z.string(),
    runId: z.string(),
    agent: z.string(),
    callId: z.string(),
    kind: z.enum(actionKinds),
    tool: z.string(),
    state: z.enum(approvalStates),
    actionDigest: z.string(),
    renderHash: z.string(),
    reasons: z.array(reasonSchema),
    requirement: requirementSchema,
    /** Who never counts. */
    initiator: z.string(),
    ownerGroup: z.string(),
    createdAt: z.string(),
    expiresAt: z.string(),
    closedAt: z.string().optional(),
    supersededBy: z.string().optional(),
  }),
  envelope: storedEnvelopeSchema,
  sheet: storedSheetSchema,
  verdicts: z.array(signedVerdictSchema),
  /** Only where somebody took his answer back; these do not count. */
  withdrawnVerdicts: z.array(withdrawnVerdictSchema).exactOptional(),
  /** Those that verdicts name. */
  delegations: z.array(signedDelegationSchema).exactOptional(),
  keys: publicKeysSchema.shape.keys,
  /** Public keys of the passkeys that signed answers, as the deployment has them; missing in older receipts. */
  passkeys: z
    .array(
      z.strictObject({
        subject: z.string(),
        credentialId: z.string().max(1_364),
        publicKey: z.string().max(4_096),
        rpId: z.string().max(255),
      }),
    )
    .max(1_000)
    .exactOptional(),
};

/** A document that an approver can keep: what was asked, who answered what, and all that is needed to check it. */
export const receiptSchema = z.strictObject({
  ...receiptBody,
  /** Over the RFC 8785 form of every other field, purpose `receipt`. */
  seal: z.strictObject(signature),
});
export type Receipt = z.infer<typeof receiptSchema>;
