import { CountersignError } from '../domain/countersign-error.ts';
import { type ErrorCode, errorRegistry } from '../domain/error-registry.ts';
import type { Notice } from './parts/notice.ts';

const words: Partial<Record<ErrorCode, readonly [title: string, text: string]>> = {
  'not-an-approver': [
    'Your answer was not taken.',
    'You hold none of the roles that this approval asks for. Nothing was changed, and the attempt was recorded.',
  ],
  'self-approval': [
    'Your answer was not taken.',
    'Whoever started the run, owns the agent, or wrote the arguments cannot answer for it. Somebody else has to. The attempt was recorded.',
  ],
  'step-up-required': [
    'Your answer was not taken.',
    'This approval asks for a proof that it is your answer, and what came with it was none. Answer again below; what a passkey signs holds for about two minutes.',
  ],
  'approval-closed': [
    'Your answer came too late.',
    'This approval was closed before your answer arrived; below is how it ended. Your answer changed nothing.',
  ],
  'digest-mismatch': [
    'What you looked at is no longer what is asked.',
    'Your answer was not taken. Below is the action as it stands now: read it again before you answer.',
  ],
  'delegation-limit': [
    'Nothing was lent.',
    'You have lent as often as one person can at a time. End one below, then try again.',
  ],
  'already-decided': [
    'You have answered before.',
    'One answer a person: your first one stands, and this one changed nothing.',
  ],
  'verdict-not-found': [
    'There is no answer of yours to take back.',
    'You have taken it back before, or never answered here. Below is how it stands now.',
  ],
  'csrf-refused': [
    'The form was not accepted.',
    'It did not come from this page as it was shown to you. Read the page again, then send it again.',
  ],
  'invalid-request': ['The form was not accepted.', 'Something in it was missing or too long. Nothing was changed.'],
  'run-closed': ['The run has ended.', 'There is nothing left to stop, and nobody left to read a message.'],
  'steering-exhausted': [
    'The run takes no more messages now.',
    'It has not read what you wrote before, or has been told enough. Nothing was sent.',
  ],
  'rate-limited': ['That was too fast.', 'Nothing was sent. Wait a moment, then send it again.'],
  'sign-in-stale': [
    'You are not signed in.',
    'This sign-in was used already, took longer than ten minutes, or was begun in another browser. Start again below.',
  ],
  'reauthentication-stale': [
    'Your answer was not taken.',
    'This sign-in was used already, took longer than ten minutes, or was begun in another browser or session. Open the request and answer again.',
  ],
  'sign-in-refused': [
    'You are not signed in.',
    'The identity provider did not confirm who you are. Start again below; if it happens again, ask whoever looks after the identity provider.',
  ],
  'sign-in-without-role': [
    'You are not signed in.',
    'The identity provider knows you, but you hold no role here. Ask whoever looks after it for one, then start again below.',
  ],
  'sign-in-invalid': [
    'You are not signed in.',
    'The answer of the identity provider cannot be used. Tell whoever looks after this server; its log says which part was wrong.',
  ],
  'identity-provider-unavailable': [
    'You are not signed in.',
    'The identity provider does not answer. Try again in a moment; if it stays away, tell whoever looks after it.',
  ],
  'not-found': ['There is no such page.', 'The address may be mistyped, or what it named was never here.'],
  'run-not-found': ['There is no such run.', 'The address may be mistyped. The list of runs shows those you may see.'],
  'approval-not-found': ['There is no such approval.', 'The address may be mistyped. The inbox shows what is waiting.'],
  'unavailable': [
    'A part that is needed does not answer.',
    'Nothing was changed. Try again in a moment; “countersign doctor” says which part it is.',
  ],
  'internal': [
    'Something failed that should not.',
    'Nothing more is known here. The log of the server holds the reason.',
  ],
};

/** A code of the registry as two sentences for whoever looks at the page. */
export function refusalWords(code: ErrorCode): Omit<Notice, 'tone'> {
  const known = words[code];
  if (known !== undefined) return { title: known[0], text: known[1] };
  const row = errorRegistry[code];
  return { title: row.title, text: row.hint };
}

/** The code of whatever was thrown; what we did not expect is `internal`, and says nothing of its inside. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof CountersignError ? error.code : 'internal';
}
