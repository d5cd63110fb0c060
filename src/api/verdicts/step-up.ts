import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { jsonObjectSchema } from '../../contracts/http/json.schema.ts';
import {
  type PasskeyChallengeView,
  stepUpSchema,
  verdictChallengeBodySchema,
} from '../../contracts/http/passkey.schema.ts';
import { passkeyIdOf, stepUpChallenge } from '../../digest/passkey-digests.ts';
import { type Verdict, verdictKinds } from '../../domain/approval.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { type Passkey, passkeyAcr } from '../../domain/passkey.ts';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { Identity } from '../../ports/directory.port.ts';
import type { PasskeyChallenge, PasskeyStore } from '../../ports/passkey-store.port.ts';
import type { PasskeyVerifier, RelyingParty } from '../../ports/passkey-verifier.port.ts';
import type { PasskeyStanding } from '../approvals/approval-service.ts';
import { parseInput } from '../input.ts';
import type { PasskeyChallenges } from '../passkeys/passkey-challenges.ts';
import type { Principal, RawBody } from '../principal.ts';
import { askedEdit, type EditDependencies, isEditOf } from './edited-arguments.ts';

export interface StepUpDependencies extends EditDependencies {
  readonly passkeys: PasskeyStore;
  readonly passkeyVerifier: PasskeyVerifier;
  readonly challenges: PasskeyChallenges;
  readonly clock: Clock;
  readonly relyingParty: () => RelyingParty;
}

/** What a proven verdict has instead of what the server would have made: all of it was part of what was proven. */
export type ProvenPart = Pick<Verdict, 'verdictId' | 'nonce' | 'at' | 'acr' | 'edit'> &
  (Required<Pick<Verdict, 'assertion'>> | Required<Pick<Verdict, 'reauthentication'>>);

export type StepUpProof =
  | { readonly kind: 'none' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'proven'; readonly part: ProvenPart };

export interface StepUp {
  /** Fixes what the server makes of a verdict, and asks the person's passkeys to sign it. Code: `step-up-required` without a passkey that counts. */
  challenge(principal: Principal, row: ApprovalRow, body: unknown): Promise<PasskeyChallengeView>;
  /** The proof that came with an answer. A challenge is spent by asking, whatever comes of it. */
  prove(principal: Principal, row: ApprovalRow, body: RawBody): Promise<StepUpProof>;
  standing(identity: Identity): Promise<PasskeyStanding>;
}

const mostOffered = 100;
const timeoutMs = 120_000;
const offeredProof = z.object({
  verdict: z.enum(verdictKinds),
  args: jsonObjectSchema.optional(),
  stepUp: stepUpSchema,
});

export function createStepUp(dependencies: StepUpDependencies): StepUp {
  const { passkeys, passkeyVerifier, challenges, clock, relyingParty } = dependencies;

  const heldBy = ({ tenant, subject }: Identity) => passkeys.list({ tenant, subject, limit: mostOffered });

  return {
    async challenge(principal, row, body) {
      const { identity } = principal;
      const { verdict, actionDigest, args } = parseInput(verdictChallengeBodySchema, body);
      if (actionDigest !== row.actionDigest) throw new CountersignError('digest-mismatch');
      const { rpId } = relyingParty();
      const confirmed = (await heldBy(identity)).filter((held) => held.state === 'confirmed' && held.rpId === rpId);
      if (confirmed.length === 0) throw new CountersignError('step-up-required');
      const edit = await askedEdit(dependencies, row, { verdict, args });
      const fixed = {
        kind: 'verdict',
        approvalId: row.approvalId,
        verdictId: `vrd_${randomBytes(16).toString('hex')}`,
        nonce: randomBytes(32).toString('base64url'),
        at: isoTime(clock),
        ...(edit !== undefined && { edit }),
      } as const;
      return challenges.open(principal, fixed, {
        challenge: challengeOf(row, identity, verdict, fixed),
        rpId,
        timeout: timeoutMs,
        userVerification: 'required',
        allowCredentials: confirmed.map(({ credentialId, transports }) => ({
          type: 'public-key',
          id: credentialId,
          transports: [...transports],
        })),
      });
    },

    async prove(principal, row, body) {
      if (!bringsProof(body)) return { kind: 'none' };
      const offered = offeredProof.safeParse(body.value);
      if (!offered.success) return { kind: 'refused' };
      const { verdict, args, stepUp } = offered.data;
      const { challengeId, ...assertion } = stepUp;
      const fixed = await challenges.take(principal, challengeId);
      if (fixed?.kind !== 'verdict' || fixed.approvalId !== row.approvalId) return { kind: 'refused' };
      if (!isEditOf(fixed.edit, row, { verdict, args })) return { kind: 'refused' };
      const { identity } = principal;
      const passkey = await passkeys.find(identity.tenant, passkeyIdOf(assertion.credentialId));
      if (!isConfirmedOf(passkey, identity)) return { kind: 'refused' };
      const signed = await passkeyVerifier.verifyAssertion(
        assertion,
        challengeOf(row, identity, verdict, fixed),
        passkey,
        relyingParty(),
      );
      if (signed === undefined) return { kind: 'refused' };
      // Two assertions with one counter are not both genuine: the row decides which of them came first.
      if (!(await passkeys.advance(passkey.tenant, passkey.passkeyId, signed.counter))) return { kind: 'refused' };
      const { verdictId, nonce, at, edit } = fixed;
      const part = { verdictId, nonce, at, acr: passkeyAcr, assertion, ...(edit !== undefined && { edit }) };
      return { kind: 'proven', part };
    },

    async standing(identity) {
      const { rpId } = relyingParty();
      const held = (await heldBy(identity)).filter((passkey) => passkey.rpId === rpId);
      if (held.some(({ state }) => state === 'confirmed')) return 'confirmed';
      return held.some(({ state }) => state === 'waiting') ? 'waiting' : 'none';
    },
  };
}

/** Roles as they are now: whose have changed since the challenge has signed something else. */
function challengeOf(
  row: ApprovalRow,
  { subject, roles }: Identity,
  verdict: Verdict['verdict'],
  { approvalId, nonce, at, edit }: Extract<PasskeyChallenge['purpose'], { kind: 'verdict' }>,
): string {
  const { actionDigest, renderHash } = row;
  return stepUpChallenge({
    approvalId,
    actionDigest,
    renderHash,
    verdict,
    approver: subject,
    roles,
    acr: passkeyAcr,
    nonce,
    at,
    ...(edit !== undefined && { edit }),
  });
}

function bringsProof(body: RawBody): body is Extract<RawBody, { kind: 'json' }> {
  return body.kind === 'json' && typeof body.value === 'object' && body.value !== null && 'stepUp' in body.value;
}

function isConfirmedOf(passkey: Passkey | undefined, { subject }: Identity): passkey is Passkey {
  return passkey !== undefined && passkey.state === 'confirmed' && passkey.subject === subject;
}
