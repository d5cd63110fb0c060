import type { ApprovalNote } from '../domain/approval-note.ts';
import type { AuditRecord } from '../domain/audit-record.ts';

export interface ApprovalNotes {
  /**
   * Stored while the approval is pending or approved, in one statement with its record.
   * `known`: this id was stored before. `full`: no more notes fit.
   */
  add(note: ApprovalNote, record: AuditRecord): Promise<'stored' | 'known' | 'closed' | 'full'>;
  /** Those that open, oldest first. */
  of(tenant: string, approvalId: string): Promise<readonly ApprovalNote[]>;
}
