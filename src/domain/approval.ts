import { assertNever } from './assert-never.ts';
import { countedRights } from './counted-rights.ts';
import type { ApprovalRequirement } from './decision.ts';
import type { PasskeyAssertion } from './passkey.ts';
import type { Reauthentication } from './reauthentication.ts';

export const approvalStates = [
  'pending',
  'approved',
  'rejected',
  'expired',
  'withdrawn',
  'superseded',
  'consumed',
] as const;
export type ApprovalState = (typeof approvalStates)[number];

export type ApprovalEvent = 'approve' | 'reject' | 'expire' | 'withdraw' | 'supersede' | 'consume';

/** One way only: what is decided stays decided. Undefined: this event changes nothing in this state. */
export function nextApprovalState(state: ApprovalState, event: ApprovalEvent): ApprovalState | undefined {
  switch (state) {
    case 'pending':
      return afterPending(event);
    case 'approved':
      if (event === 'consume') return 'consumed';
      return event === 'withdraw' ? 'withdrawn' : undefined;
    case 'rejected':
    case 'expired':
    case 'withdrawn':
    case 'superseded':
    case 'consumed':
      return undefined;
    default:
      return assertNever(state);
  }
}

function afterPending(event: ApprovalEvent): ApprovalState | undefined {
  switch (event) {
    case 'approve':
      return 'approved';
    case 'reject':
      return 'rejected';
    case 'expire':
      return 'expired';
    case 'withdraw':
      return 'withdrawn';
    case 'supersede':
      return 'superseded';
    case 'consume':
      return undefined;
    default:
      return assertNever(event);
  }
}

export const verdictKinds = ['approve', 'reject', 'edit'] as const;
export type VerdictKind = (typeof verdictKinds)[number];

/** One person's signed answer. The signature is over the RFC 8785 form of every other field. */
export interface Verdict {
  readonly v: 1;
  readonly verdictId: string;
  readonly approvalId: string;
  readonly tenant: string;
  readonly actionDigest: string;
  readonly renderHash: string;
  readonly verdict: VerdictKind;
  readonly approver: string;
  /** The roles the approver held when answering; with `delegation`, those that were lent to him and counted. */
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** Authentication context, `dev` for a development identity. */
  readonly acr: string;
  readonly nonce: string;
  readonly at: string;
  readonly reason: string;
  /** With a step-up: what the approver's passkey signed over this verdict; see `stepUpChallenge`. */
  readonly assertion?: PasskeyAssertion;
  /** Instead of a passkey's assertion: the provider's word that the approver signed in again for this verdict. */
  readonly reauthentication?: Reauthentication;
  /** Where he answered with somebody else's right, in his own name. */
  readonly delegation?: { readonly delegationId: string; readonly from: string };
  /** With `edit` only. */
  readonly edit?: VerdictEdit;
}

/** Which bytes a person wrote instead of those he was asked about, and for which call. */
export interface VerdictEdit {
  readonly callId: string;
  /** Blob reference of the arguments. */
  readonly argsRef: string;
  /** Over the tool and the arguments; see `editDigest`. */
  readonly digest: string;
  /** Of the question that he was asked: what he wrote never needs less than somebody else by these rules. */
  readonly requirement: ApprovalRequirement;
}

/** A verdict that changed the arguments. */
export type EditVerdict = Verdict & { readonly verdict: 'edit'; readonly edit: VerdictEdit };

export function isEdit(verdict: Verdict): verdict is EditVerdict {
  return verdict.verdict === 'edit' && verdict.edit !== undefined;
}

export interface SignedVerdict {
  readonly verdict: Verdict;
  readonly keyId: string;
  /** Ed25519, base64url. */
  readonly signature: string;
}

/** Who never counts for this action: who asked for it, who owns the agent, and who wrote its arguments. */
export interface SeparationOfDuties {
  readonly initiator: string;
  readonly ownerGroup: string;
  /** People whose own edit these arguments are. */
  readonly editors: readonly string[];
}

export type VerdictObjection = 'not-an-approver' | 'self-approval';

/** Whether this person's verdict may count, by roles and separation of duties. Pure, so that every PEP asks the same. */
export function objectionTo(
  approver: { readonly subject: string; readonly roles: readonly string[]; readonly groups: readonly string[] },
  requiredRoles: readonly string[],
  duties: SeparationOfDuties,
): VerdictObjection | undefined {
  if (!approver.roles.some((role) => requiredRoles.includes(role))) return 'not-an-approver';
  const isInvolved =
    approver.subject === duties.initiator ||
    duties.editors.includes(approver.subject) ||
    approver.groups.includes(duties.ownerGroup);
  return isInvolved ? 'self-approval' : undefined;
}

export type VerdictStanding = 'pending' | 'approved' | 'rejected' | 'edited';

/**
 * Verdicts that already passed every check → where the approval stands. One rejection rejects; whoever edits does not
 * agree to what was asked, so no approvals outweigh him; approvals count people and rights, not votes.
 */
export function tally(verdicts: readonly Verdict[], quorum: number): VerdictStanding {
  if (verdicts.some((verdict) => verdict.verdict === 'reject')) return 'rejected';
  if (verdicts.some((verdict) => verdict.verdict === 'edit')) return 'edited';
  return countedRights(verdicts.filter((verdict) => verdict.verdict === 'approve')) >= quorum ? 'approved' : 'pending';
}
