import { type NoteView, noteBodySchema } from '../../contracts/http/note.schema.ts';
import type { ApprovalNote } from '../../domain/approval-note.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import { isWithdrawable } from '../../domain/verdict-withdrawal.ts';
import type { ApprovalNotes } from '../../ports/approval-notes.port.ts';
import type { ApprovalRow, ApprovalStore } from '../../ports/approval-store.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import { findApproval } from '../approvals/find-approval.ts';
import { requireToken } from '../edge/address-limit.ts';
import { createRateLimiter } from '../edge/rate-limiter.ts';
import { requireJson } from '../http/read-json-body.ts';
import { idOfKey } from '../idempotency-key.ts';
import { parseInput } from '../input.ts';
import type { Principal } from '../principal.ts';
import type { NoteService } from './note-service.ts';

/** Notes of one person. */
export const noteRate = { burst: 10, perSecond: 0.2 };

export interface NoteDependencies {
  readonly approvals: Pick<ApprovalStore, 'find'>;
  readonly approvalNotes: ApprovalNotes;
  readonly clock: Clock;
}

export function createNoteService({ approvals, approvalNotes, clock }: NoteDependencies): NoteService {
  const limiter = createRateLimiter(noteRate, clock);

  const rowOf = ({ identity }: Principal, approvalId: string) => findApproval(approvals, identity, approvalId);

  /** The same key with the same text is the same note. */
  async function inForce(note: ApprovalNote): Promise<NoteView> {
    const stored = (await approvalNotes.of(note.tenant, note.approvalId)).find(({ noteId }) => noteId === note.noteId);
    if (stored === undefined || stored.text !== note.text || stored.by !== note.by)
      throw new CountersignError('idempotency-conflict');
    return noteView(stored);
  }

  return {
    async addNote(principal, approvalId, body, idempotencyKey) {
      const { identity } = principal;
      const row = await rowOf(principal, approvalId);
      if (identity.kind !== 'person') throw new CountersignError('forbidden');
      requireToken(limiter, `${identity.tenant}/${identity.subject}`);
      if (!isWithdrawable(row.state)) throw new CountersignError('approval-closed');
      const { text } = parseInput(noteBodySchema, requireJson(body));
      const { tenant } = row;
      const by = identity.subject;
      const noteId = `note_${idOfKey('note-id', [tenant, approvalId, by], idempotencyKey)}`;
      const note: ApprovalNote = { noteId, tenant, approvalId, by, text, at: isoTime(clock) };
      const outcome = await approvalNotes.add(note, recordOfNote(row, note));
      switch (outcome) {
        case 'stored':
          return noteView(note);
        case 'known':
          return inForce(note);
        case 'closed':
          throw new CountersignError('approval-closed');
        case 'full':
          throw new CountersignError('notes-exhausted');
        default:
          return assertNever(outcome);
      }
    },
    async notesOf(principal, approvalId) {
      const { tenant } = await rowOf(principal, approvalId);
      return { items: (await approvalNotes.of(tenant, approvalId)).map(noteView) };
    },
  };
}

function noteView({ noteId, approvalId, by, text, at }: ApprovalNote): NoteView {
  return { noteId, approvalId, by, text, at };
}

function recordOfNote(row: ApprovalRow, { noteId, approvalId, by, at }: ApprovalNote) {
  const { callId, tool, envelopeRef, actionDigest } = row;
  return recordOf('approval-noted', row, noteId, at, {
    noteId,
    approvalId,
    by,
    callId,
    tool,
    envelopeRef,
    actionDigest,
  });
}
