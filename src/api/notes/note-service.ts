import type { NotesView, NoteView } from '../../contracts/http/note.schema.ts';
import type { Principal, RawBody } from '../principal.ts';

/** Questions to colleagues about an approval, and their answers. */
export interface NoteService {
  /**
   * The same key and text again is the same note. Codes: `approval-not-found`, `forbidden` (a service), `rate-limited`,
   * `approval-closed`, `notes-exhausted`, `idempotency-conflict`, `invalid-request`.
   */
  addNote(principal: Principal, approvalId: string, body: RawBody, idempotencyKey?: string): Promise<NoteView>;
  /** Oldest first; code `approval-not-found`. */
  notesOf(principal: Principal, approvalId: string): Promise<NotesView>;
}
