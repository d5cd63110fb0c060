import type { CountersignError } from '../../domain/countersign-error.ts';
import type { Principal, RawBody } from '../principal.ts';

/** Answers that are proven by signing in at the identity provider once more. */
export interface ReauthenticationService {
  /** The provider's host, as people will see it. */
  readonly providerName: string;
  /**
   * Fixes an answer, and says where to sign in for it. From a login session only.
   * Refuses like `giveVerdict`, but for `step-up-required`; codes `forbidden`, `rate-limited`, `identity-provider-unavailable`.
   */
  begin(
    principal: Principal,
    approvalId: string,
    body: RawBody,
  ): Promise<{ readonly address: string; readonly setCookie: string }>;
  /**
   * What the provider sent the browser back with, once, and in the same session: the answer is given, or `refusal` says
   * why not. Never a session. Code: `reauthentication-stale`.
   */
  complete(
    principal: Principal | undefined,
    request: Request,
  ): Promise<{ readonly approvalId: string; readonly setCookie: string; readonly refusal?: CountersignError }>;
}
