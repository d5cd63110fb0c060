import type { RiskTier } from '../domain/action.ts';
import type { AuditRecord } from '../domain/audit-record.ts';
import type { NudgeOccasion } from '../domain/nudge.ts';

/** A question of which nobody was told yet for this reason. */
export interface UnplannedNudge {
  readonly tenant: string;
  readonly approvalId: string;
  readonly occasion: NudgeOccasion;
  /** With `widened`: seconds from the opening to the rung; 0 otherwise. */
  readonly rung: number;
}

export interface PlannedNudge extends UnplannedNudge {
  readonly nudgeId: string;
  /** The operator's name for it; empty: there is nobody to tell, and it is not asked again. */
  readonly channel: string;
  /** Told by another message of the same moment, so this one is never sent. */
  readonly covered?: true;
}

/** What is to be sent now, with what the message says. */
export interface DueNudge extends PlannedNudge {
  /** This one included. */
  readonly attempts: number;
  readonly runId: string;
  readonly agent: string;
  readonly tool: string;
  readonly risk: RiskTier;
  readonly expiresAt: string;
}

export interface NudgeStanding {
  readonly due: number;
  /** Of those that are due: at least one attempt failed. */
  readonly retrying: number;
  readonly sent: number;
  readonly failed: number;
  /** Questions for whose people no channel is named. */
  readonly unaddressed: number;
  readonly lastFailure?: { readonly channel: string; readonly code: string; readonly at: string };
}

/** Nudges as rows: derived from approvals, claimed before they are sent, settled with their audit record. */
export interface NudgeStore {
  /**
   * Pending approvals of whose opening, next roles, or last share of time nobody was told; and those that expired in the
   * last day. A question whose reminder is due already gets that alone. The reminder is due when policy says, or else
   * when so much of the time is left.
   */
  unplanned(at: string, remindWhenLeft: number, limit: number): Promise<readonly UnplannedNudge[]>;
  /** Planning again adds nothing. */
  plan(nudges: readonly PlannedNudge[], at: string): Promise<void>;
  /** After a change of the channels: where there was nobody to tell, there may be somebody now. */
  forgetNobody(): Promise<void>;
  /** Closes what need not be sent any more: its question was answered, or its channel is none of these. Returns how many. */
  drop(at: string, channels: readonly string[]): Promise<number>;
  /** Takes the nudge of this channel that waits longest, counts the attempt, and keeps others off it until then. Never one of a closed approval. */
  claim(channel: string, at: string, until: string): Promise<DueNudge | undefined>;
  /** No sooner than then. */
  postpone(nudgeId: string, until: string, code: string): Promise<void>;
  /** With its record in one statement; a second time changes nothing. `code`: why it failed. */
  settle(nudgeId: string, state: 'sent' | 'failed', at: string, record: AuditRecord, code?: string): Promise<void>;
  standing(tenant: string): Promise<NudgeStanding>;
}
