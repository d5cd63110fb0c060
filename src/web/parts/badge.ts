import type { RiskTier } from '../../domain/action.ts';
import type { ApprovalState } from '../../domain/approval.ts';
import type { RunState } from '../../domain/run.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { shownText } from './shown-text.ts';

export type Tone = 'plain' | 'good' | 'wait' | 'bad' | 'accent';

export function badge(text: string, tone: Tone): Markup {
  return html`<span class="badge ${tone}">${text}</span>`;
}

const approvalWords: Record<ApprovalState, readonly [string, Tone]> = {
  pending: ['Waiting for an answer', 'wait'],
  approved: ['Approved', 'good'],
  rejected: ['Rejected', 'bad'],
  expired: ['Expired', 'bad'],
  withdrawn: ['Withdrawn', 'plain'],
  superseded: ['Superseded', 'plain'],
  consumed: ['Approved and carried out', 'good'],
};

export function approvalBadge(state: ApprovalState): Markup {
  return badge(...approvalWords[state]);
}

const runWords: Record<RunState, readonly [string, Tone]> = {
  running: ['Running', 'accent'],
  waiting: ['Waiting for a person', 'wait'],
  held: ['Held', 'wait'],
  completed: ['Completed', 'good'],
  refused: ['Refused', 'bad'],
  failed: ['Failed', 'bad'],
  cancelled: ['Cancelled', 'plain'],
};

export function runBadge(state: RunState): Markup {
  return badge(...runWords[state]);
}

export function riskBadge(risk: RiskTier): Markup {
  if (risk === 'low') return nothing;
  return risk === 'high' ? badge('High risk', 'bad') : badge('Medium risk', 'wait');
}

export interface CalledModel {
  readonly model: string;
  readonly rehearsal: boolean;
}

/** The embedded model is named for what it is, wherever a model is named. */
export function modelName({ model, rehearsal }: CalledModel): Markup {
  return html`<code>${shownText(model)}</code>${rehearsal ? html` ${badge('Rehearsal model', 'wait')}` : nothing}`;
}
