import { randomBytes } from 'node:crypto';
import { stepUpChallenge } from '../../digest/passkey-digests.ts';
import type { Verdict, VerdictKind } from '../../domain/approval.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { providerAcr, reauthenticationMs } from '../../domain/reauthentication.ts';
import type { ApprovalRow } from '../../ports/approval-store.port.ts';
import { isoTime } from '../../ports/clock.port.ts';
import type { Identity } from '../../ports/directory.port.ts';
import type { PendingReauthentication, SignInStore } from '../../ports/person-store.port.ts';
import type { ReauthenticationVerifier } from '../../ports/reauthentication-verifier.port.ts';
import type { ReauthenticationProvider } from '../../ports/sign-in.port.ts';
import { findApproval } from '../approvals/find-approval.ts';
import { createRateLimiter } from '../edge/rate-limiter.ts';
import { attemptKeyOf } from '../identity/attempt-key.ts';
import { callbackCookie, callbackIdOf } from '../identity/session-cookie.ts';
import type { ApiLog } from '../log.ts';
import type { Principal } from '../principal.ts';
import { askedEdit } from './edited-arguments.ts';
import { acceptedAnswer, type createGiveVerdict, type VerdictDependencies } from './give-verdict.ts';
import type { ReauthenticationService } from './reauthentication-service.ts';
import type { StepUpProof } from './step-up.ts';

/** Of one person: each start is a row until it expires. */
const starts = { burst: 20, perSecond: 1 / 6 };

export interface ReauthenticationDependencies extends VerdictDependencies {
  readonly provider: ReauthenticationProvider;
  readonly verifier: ReauthenticationVerifier;
  readonly signIns: SignInStore;
  readonly give: ReturnType<typeof createGiveVerdict>;
  readonly log: ApiLog;
  /** True where browsers reach the site over https. */
  readonly secure: boolean;
}

/** Answers that are proven by signing in at the identity provider once more, for exactly this answer. */
export function createReauthentication(dependencies: ReauthenticationDependencies): ReauthenticationService {
  const { provider, verifier, signIns, approvals, refusedAttempts, give, clock, log, secure } = dependencies;
  const limiter = createRateLimiter(starts, clock);

  /** Once only, and for whoever asked in this very session; it is spent either way. */
  async function taken(principal: Principal | undefined, request: Request): Promise<PendingReauthentication> {
    const id = callbackIdOf('step-up', request, secure);
    const [state] = new URL(request.url).searchParams.getAll('state');
    const pending =
      id === undefined || state === undefined
        ? undefined
        : await signIns.take(attemptKeyOf('step-up', id, state), isoTime(clock));
    if (pending?.purpose !== 'step-up' || !isOf(pending, principal))
      throw new CountersignError('reauthentication-stale');
    return pending;
  }

  async function proofOf(
    identity: Identity,
    row: ApprovalRow,
    pending: PendingReauthentication,
    query: URLSearchParams,
  ): Promise<StepUpProof> {
    const { identity: described, idToken } = await provider.complete(query, pending);
    const { fixed, answer } = pending;
    // Roles as they are now: whose have changed since he was asked has proven something else.
    const nonce = challengeOf(row, identity, answer.verdict, fixed);
    const { subject: approver } = identity;
    const holds =
      isSamePerson(described, identity) &&
      nonce === pending.nonce &&
      (await verifier.verify(idToken, { approver, nonce, at: fixed.at }));
    return holds
      ? { kind: 'proven', part: { ...fixed, acr: providerAcr, reauthentication: { idToken } } }
      : { kind: 'refused' };
  }

  return {
    providerName: provider.name,

    async begin(principal, approvalId, body) {
      const { identity, session } = principal;
      if (session === undefined)
        throw new CountersignError('forbidden', { message: 'This is for people in a browser: sign in there.' });
      const row = await findApproval(approvals, identity, approvalId);
      try {
        const retryAfterMs = limiter.take(identity.subject);
        if (retryAfterMs > 0) throw new CountersignError('rate-limited', { retryAfterMs });
        // As if it were proven: that is what comes next.
        const { answer } = await acceptedAnswer(dependencies, row, identity, body, 'proven');
        const { verdict, actionDigest, reason, args } = answer;
        const edit = await askedEdit(dependencies, row, answer);
        const fixed = {
          verdictId: `vrd_${randomBytes(16).toString('hex')}`,
          nonce: randomBytes(32).toString('base64url'),
          at: isoTime(clock),
          ...(edit !== undefined && { edit }),
        };
        const { address, attempt } = await provider.begin({
          state: `${stateMark}${randomBytes(32).toString('base64url')}`,
          nonce: challengeOf(row, identity, verdict, fixed),
        });
        const { tenant, subject } = identity;
        const sent = { verdict, actionDigest, ...(reason !== undefined && { reason }), ...(args && { args }) };
        const pending = {
          purpose: 'step-up',
          ...attempt,
          tenant,
          subject,
          session,
          approvalId,
          fixed,
          answer: sent,
        } as const;
        const id = randomBytes(32).toString('base64url');
        const expiresAt = new Date(clock.now() + reauthenticationMs).toISOString();
        await signIns.keep(attemptKeyOf('step-up', id, attempt.state), pending, { now: isoTime(clock), expiresAt });
        return { address, setCookie: callbackCookie('step-up', secure, id, reauthenticationMs / 1_000) };
      } catch (error) {
        await refusedAttempts.verdict(row, identity, error);
        throw error;
      }
    },

    async complete(principal, request) {
      const pending = await taken(principal, request);
      const { approvalId, answer } = pending;
      const setCookie = callbackCookie('step-up', secure, '', 0);
      const identity = principal?.identity;
      const row = await approvals.find(pending.tenant, approvalId);
      if (principal === undefined || identity === undefined || row === undefined)
        throw new CountersignError('reauthentication-stale');
      try {
        const proof = await proofOf(identity, row, pending, new URL(request.url).searchParams).catch(refusedOrPassing);
        await give(principal, approvalId, { kind: 'json', value: answer }, proof);
        return { approvalId, setCookie };
      } catch (error) {
        if (!(error instanceof CountersignError)) throw error;
        return { approvalId, setCookie, refusal: error };
      }
    },
  };

  /** What the provider says no to is a proof that does not hold; that it cannot be asked is said as it is. */
  function refusedOrPassing(error: unknown): StepUpProof {
    if (!(error instanceof CountersignError)) throw error;
    log.info('reauthentication-failed', { code: error.code, reason: error.message.slice(0, 300) });
    if (error.code === 'identity-provider-unavailable') throw error;
    return { kind: 'refused' };
  }
}

/** States of these attempts begin so, and no other state does. */
const stateMark = 'step-up.';

/** Whether a callback of the provider is one of ours, and not of a sign-in. */
export function isReauthentication(request: Request): boolean {
  return new URL(request.url).searchParams.get('state')?.startsWith(stateMark) === true;
}

function isOf({ session, tenant, subject }: PendingReauthentication, principal: Principal | undefined): boolean {
  return (
    principal !== undefined &&
    principal.session === session &&
    principal.identity.tenant === tenant &&
    principal.identity.subject === subject
  );
}

/** The same person with the same standing: whose roles or groups are others by now has to sign in with them first. */
function isSamePerson(described: Identity, known: Identity): boolean {
  const isSame = (left: readonly string[], right: readonly string[]): boolean =>
    JSON.stringify(left.toSorted()) === JSON.stringify(right.toSorted());
  return (
    described.subject === known.subject &&
    described.tenant === known.tenant &&
    isSame(described.roles, known.roles) &&
    isSame(described.groups, known.groups)
  );
}

function challengeOf(
  { approvalId, actionDigest, renderHash }: ApprovalRow,
  { subject: approver, roles }: Identity,
  verdict: VerdictKind,
  fixed: Pick<Verdict, 'nonce' | 'at' | 'edit'>,
): string {
  return stepUpChallenge({
    approvalId,
    actionDigest,
    renderHash,
    verdict,
    approver,
    roles,
    acr: providerAcr,
    ...fixed,
  });
}
