import type { RiskTier } from './action.ts';
import { assertNever } from './assert-never.ts';

/**
 * When people are told of a question: when it is asked, when the next roles are asked as well, once when little of its
 * time is left (`reminder` to who may answer, `alarm` to the agent's owner), and the owner when it ran out.
 */
export const nudgeOccasions = ['opened', 'widened', 'reminder', 'alarm', 'expired'] as const;
export type NudgeOccasion = (typeof nudgeOccasions)[number];

export type NudgeMedium = 'webhook' | 'mail';

/**
 * All that a nudge says. Nothing of it was chosen by a model, by data or by who started the run:
 * names come from the operator's reviewed files, the rest from the engine.
 */
export interface Nudge {
  /** The same for every attempt at the same message, so that a receiver knows a repetition. */
  readonly nudgeId: string;
  readonly occasion: NudgeOccasion;
  readonly approvalId: string;
  readonly agent: string;
  /** `server.tool`, or `run.answer`. */
  readonly tool: string;
  /** The tool's name as words: `Schedule a payment`. */
  readonly deed: string;
  readonly risk: RiskTier;
  /** ISO 8601. */
  readonly expiresAt: string;
  /** Of the approval's page. */
  readonly url: string;
}

/** What became of one attempt. `code` names what was met and quotes nothing that the other side wrote. */
export type NudgeOutcome =
  | { readonly kind: 'sent' }
  /** May succeed later, and no sooner than the other side asked for. */
  | { readonly kind: 'again'; readonly code: string; readonly retryAfterMs?: number }
  /** Would meet the same again. */
  | { readonly kind: 'refused'; readonly code: string };

export interface NudgeWords {
  readonly subject: string;
  readonly sentences: readonly string[];
}

/** One line of letters, digits and few signs: it can end no header, open no tag and start no link. */
function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9 ._-]/g, '?').slice(0, 128);
}

/** The message in plain words, for every medium. */
export function nudgeWords({ occasion, agent, tool, deed, risk, expiresAt }: Nudge): NudgeWords {
  const who = plain(agent);
  const what = `${plain(deed)} (${plain(tool)})`;
  const until = minuteOf(expiresAt);
  switch (occasion) {
    case 'opened':
      return {
        subject: `${who} asks: ${plain(deed)}`,
        sentences: [
          `The agent ${who} asks for an approval: ${what}. Risk: ${risk}.`,
          `Answer until ${until}. Silence is a rejection.`,
        ],
      };
    case 'widened':
      return {
        subject: `You are asked as well: ${who}: ${plain(deed)}`,
        sentences: [
          `Nobody has decided yet about what the agent ${who} asks for, so you may: ${what}. Risk: ${risk}.`,
          `Answer until ${until}. Silence is a rejection.`,
        ],
      };
    case 'reminder':
      return {
        subject: `Reminder: ${who} asks: ${plain(deed)}`,
        sentences: [
          `The agent ${who} still waits for an approval: ${what}. Risk: ${risk}.`,
          `Little time is left: answer until ${until}. Silence is a rejection.`,
        ],
      };
    case 'alarm':
      return {
        subject: `Still not decided: ${who}: ${plain(deed)}`,
        sentences: [
          `A question of your agent ${who} still waits for an approval: ${what}. Risk: ${risk}.`,
          `It ends at ${until}, and silence is a rejection. You own the agent, so somebody else has to answer: see to it.`,
        ],
      };
    case 'expired':
      return {
        subject: `Not decided in time: ${who}: ${plain(deed)}`,
        sentences: [
          `A question of the agent ${who} was not decided in time, which is a rejection: ${what}. Risk: ${risk}.`,
          `It ended at ${until}.`,
        ],
      };
    default:
      return assertNever(occasion);
  }
}

/** `2026-03-01T10:00:00.000Z` → `2026-03-01 10:00 UTC`. */
function minuteOf(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
