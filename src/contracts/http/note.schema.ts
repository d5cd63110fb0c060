import { z } from 'zod';

/** Characters of one note. */
export const maxNoteLength = 2_000;

export const noteBodySchema = z.strictObject({
  text: z.string().min(1).max(maxNoteLength).regex(/\S/, 'must hold more than white space'),
});

/** What a person said to colleagues about an approval. It is no answer, and the agent never reads it. */
export const noteSchema = z.strictObject({
  noteId: z.string(),
  approvalId: z.string(),
  by: z.string(),
  text: z.string(),
  at: z.string(),
});
export type NoteView = z.infer<typeof noteSchema>;

export const notesSchema = z.strictObject({ items: z.array(noteSchema) });
export type NotesView = z.infer<typeof notesSchema>;
