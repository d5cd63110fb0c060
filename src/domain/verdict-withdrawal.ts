/**
 * One person's word that his verdict no longer counts. Signed like a verdict over the RFC 8785 form of every field, and
 * never to be taken for one: it says nothing about the action but which it is.
 */
export interface VerdictWithdrawal {
  readonly v: 1;
  /** Id of the verdict. */
  readonly withdraws: string;
  readonly approvalId: string;
  readonly tenant: string;
  readonly actionDigest: string;
  /** Who gave the verdict, and nobody else. */
  readonly approver: string;
  readonly acr: string;
  readonly at: string;
}

export interface SignedWithdrawal {
  readonly withdrawal: VerdictWithdrawal;
  readonly keyId: string;
  /** Ed25519, base64url. */
  readonly signature: string;
}

/** A verdict may be taken back while nothing rests on it for good: until its approval is closed or consumed. */
export const withdrawableStates = ['pending', 'approved'] as const;
export type WithdrawableState = (typeof withdrawableStates)[number];

export function isWithdrawable(state: string): state is WithdrawableState {
  return withdrawableStates.some((withdrawable) => withdrawable === state);
}
