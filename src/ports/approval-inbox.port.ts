import type { RiskTier } from '../domain/action.ts';
import type { ApprovalSummary } from '../domain/approval-summary.ts';
import type { AuditKind } from '../domain/audit-record.ts';
import type { BlobRef } from './blob-store.port.ts';

/** Who looks: it decides what is asked of him. A service is asked nothing. */
export interface InboxViewer {
  readonly kind: 'person' | 'service';
  readonly subject: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** Rights of others that he may use now, each with its lender's subject and groups. */
  readonly lent?: readonly Pick<InboxViewer, 'subject' | 'roles' | 'groups'>[];
}

/** Narrows the pending approvals; what is left out does not. */
export interface InboxFilter {
  readonly tool?: string;
  readonly agent?: string;
  readonly risk?: RiskTier;
  /** Only what the viewer could answer now, as far as roles, duties and his own earlier answer say. */
  readonly asked?: 'me';
  /** Only what ends before this time, ISO 8601. */
  readonly endsBefore?: string;
  /** A part of the run's id, in small or capital letters. */
  readonly runText?: string;
}

/** One pending approval as a list shows it. */
export interface InboxEntry {
  readonly approvalId: string;
  readonly runId: string;
  readonly agent: string;
  readonly tool: string;
  readonly risk: RiskTier;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly verdicts: number;
  readonly viewer: {
    readonly hasRole: boolean;
    /** He started the run, or owns its agent. */
    readonly isOwn: boolean;
    readonly hasAnswered: boolean;
  };
  readonly needsStepUp: boolean;
  /** Undefined where it cannot be read. */
  readonly summary: ApprovalSummary | undefined;
}

/** How many pending approvals there are of one kind. */
export interface InboxCount {
  readonly tool: string;
  readonly agent: string;
  readonly risk: RiskTier;
  readonly askedOfViewer: boolean;
  readonly endsSoon: boolean;
  readonly count: number;
  /** What these have in common, and one of them; absent where each is answered by itself. */
  readonly alike?: { readonly likeness: string; readonly sample: string };
}

export interface InboxRead {
  readonly tenant: string;
  readonly viewer: InboxViewer;
  readonly filter: InboxFilter;
  /** ISO 8601. */
  readonly now: string;
}

export interface InboxPlace {
  readonly limit: number;
  /** A cursor of this inbox: the entries after it, or those before it. */
  readonly after?: string;
  readonly before?: string;
}

export interface InboxSlice {
  /** What expires first comes first. */
  readonly entries: readonly InboxEntry[];
  /** How many entries come before these. */
  readonly preceding: number;
  readonly previous?: string;
  readonly next?: string;
}

/** Pending approvals that one viewer may answer together. */
export interface AlikeApprovals {
  /** What expires first comes first. */
  readonly approvalIds: readonly string[];
  readonly total: number;
}

/** Something happened to an approval of this tenant. */
export interface InboxNews {
  /** Grows with time; an event id. */
  readonly position: number;
  readonly approvalId: string;
  readonly kind: InboxNewsKind;
}

export const inboxNewsKinds = [
  'approval-opened',
  'approval-widened',
  'verdict-given',
  'verdict-withdrawn',
  'approval-closed',
] as const satisfies readonly AuditKind[];
export type InboxNewsKind = (typeof inboxNewsKinds)[number];

/** Pending approvals as people look for them: read from rows and an index, without a blob. */
export interface ApprovalInbox {
  read(read: InboxRead, place: InboxPlace): Promise<InboxSlice>;
  /** Those of these approvals that are pending and pass the filter. */
  pick(read: InboxRead, approvalIds: readonly string[]): Promise<readonly InboxEntry[]>;
  /** By kind, over all pending approvals whose run passes `runText`; `soon` is the end of what `endsSoon` counts. */
  count(read: InboxRead, soon: string): Promise<readonly InboxCount[]>;
  /** What is asked of the viewer by the same rules as this approval, itself included; without a step-up only. */
  alike(read: Omit<InboxRead, 'filter'>, approvalId: string, limit: number): Promise<AlikeApprovals>;
  /** Pending approvals that older versions opened, without a summary. */
  unsummarised(tenant: string, limit: number): Promise<readonly UnsummarisedApproval[]>;
  /** Undefined: its content cannot be read. */
  summarise(tenant: string, approvalId: string, summary: ApprovalSummary | undefined): Promise<void>;
  /** The position of the newest record. */
  position(): Promise<number>;
  /** What happened after a position, oldest first. */
  news(tenant: string, after: number, limit: number): Promise<readonly InboxNews[]>;
}

export interface UnsummarisedApproval {
  readonly tenant: string;
  readonly approvalId: string;
  readonly renderHash: string;
  readonly sheetRef: BlobRef;
}
