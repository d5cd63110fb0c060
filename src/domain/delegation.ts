import { objectionTo, type SeparationOfDuties } from './approval.ts';
import type { ApprovalRequirement } from './decision.ts';

export const delegationStates = ['active', 'ended'] as const;
export type DelegationState = (typeof delegationStates)[number];

/** Days between begin and end, and between now and a later begin. */
export const mostDelegationDays = 90;
/** Of one lender, those that are neither ended nor over. */
export const mostDelegationsLent = 20;

/** The right to answer with these roles, lent by one person to another for a time. Signed over its RFC 8785 form. */
export interface Delegation {
  readonly v: 1;
  /** `dlg_` and 32 hexadecimal digits. */
  readonly delegationId: string;
  readonly tenant: string;
  /** Subject of the lender. */
  readonly from: string;
  /** Subject of the delegate. */
  readonly to: string;
  readonly roles: readonly string[];
  /** ISO 8601, the first moment. */
  readonly begins: string;
  /** ISO 8601, the first moment after. */
  readonly ends: string;
  readonly reason: string;
  readonly at: string;
}

export interface SignedDelegation {
  readonly delegation: Delegation;
  readonly keyId: string;
  /** Ed25519, base64url. */
  readonly signature: string;
}

/** What cannot be lent, whoever holds it. */
const neverLent: readonly string[] = ['admin'];

export function mayBeLent(role: string): boolean {
  return !neverLent.includes(role);
}

/** A time that cannot be read is within no delegation. `at` is ISO 8601. */
export function isWithin({ begins, ends }: Pick<Delegation, 'begins' | 'ends'>, at: string): boolean {
  const time = Date.parse(at);
  return Date.parse(begins) <= time && time < Date.parse(ends);
}

/** Who lent, as the directory knows him now. */
export interface Lender {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
}

/**
 * The lent roles that count for a question: held by the lender himself, whose own answer would count as well. None where
 * policy asks for a step-up: it proves who answers, and nobody has proved who lent.
 */
export function countingRoles(
  lent: readonly string[],
  lender: Lender,
  { roles: required, stepUp }: Pick<ApprovalRequirement, 'roles' | 'stepUp'>,
  duties: SeparationOfDuties,
): readonly string[] {
  if (stepUp) return [];
  const roles = lent.filter((role) => mayBeLent(role) && lender.roles.includes(role) && required.includes(role));
  return objectionTo({ ...lender, roles }, required, duties) === undefined ? roles : [];
}
