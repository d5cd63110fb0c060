import type { Outcome } from './memory.ts';

/** Something that was tried for a message, and how it went. */
export interface Attempt {
  readonly what: string;
  /** True: the text of the message asked for it, not the task. */
  readonly instructed: boolean;
  readonly outcome: Outcome;
}

/** What this model knows and did about one message. */
export interface CaseFile {
  readonly messageId: string;
  /** Sender and subject, for the summary. */
  readonly title: string;
  readonly attempts: readonly Attempt[];
  /** Why a person should look at it. */
  readonly reasons: readonly string[];
  readonly folder: string | undefined;
  /** False while a call is still to be made. */
  readonly closed: boolean;
}

/** `denied by changed-account`, `rejected: not this month`: how a refusal reads in a flag or a summary. */
export function describeRefusal({ code, rule, message }: Extract<Outcome, { kind: 'refused' }>): string {
  if (code === 'denied') return rule === '' ? 'denied' : `denied by ${rule}`;
  return message === '' ? code : `${code}: ${message.slice(0, 200)}`;
}
