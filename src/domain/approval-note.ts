/** What colleagues say to each other about a question. It has no authority, and no model ever reads it. */
export interface ApprovalNote {
  readonly noteId: string;
  readonly tenant: string;
  readonly approvalId: string;
  /** Subject of the person. */
  readonly by: string;
  readonly text: string;
  readonly at: string;
}

/** Notes that one approval takes. */
export const maxApprovalNotes = 100;
