import type { AnswerObjection, ApprovalDetail, PasskeyStanding } from '../../api/approvals/approval-service.ts';
import type { LentInVain } from '../../api/delegations/delegation-service.ts';
import type { ApprovalView } from '../../contracts/http/approval.schema.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { countedRights } from '../../domain/counted-rights.ts';
import { html, type Markup } from '../markup.ts';
import type { Viewer } from '../page.ts';
import type { Tone } from './badge.ts';
import { moment } from './moment.ts';
import { noticeBox } from './notice.ts';

/** Why there is no button here: each state in its own words. */
export function howItStands(
  { view, row, answerable, passkey = 'none', lentInVain }: ApprovalDetail,
  viewer: Viewer,
  now: number,
): Markup {
  if (view.state === 'pending' && lentInVain !== undefined)
    return says('plain', 'What was lent to you does not count here.', inVain[lentInVain]);
  if (view.state === 'pending' && answerable !== 'yes') return whyNotYou(answerable, passkey, view, viewer);
  return closed(view, row.closedAt, now);
}

function whyNotYou(objection: AnswerObjection, passkey: PasskeyStanding, view: ApprovalView, viewer: Viewer): Markup {
  switch (objection) {
    case 'not-an-approver':
      return says(
        'plain',
        isAskedLater(view, viewer) ? 'This is not for your roles yet.' : 'This is not for your roles.',
        `It asks for ${listed(view.quorum.roles)}; you are signed in as ${viewer.identity.displayName} with ${listed(viewer.identity.roles)}.`,
      );
    case 'self-approval':
      return says(
        'plain',
        'Somebody else has to answer.',
        'You started this run, own its agent, or wrote these arguments, so your answer cannot count for it.',
      );
    case 'step-up-required':
      return html`${says('plain', 'Your passkey is needed.', passkeyMissing[passkey])}<p><a href="/passkeys">Go to your passkeys</a></p>`;
    case 'already-decided':
      return says('good', 'Your answer is stored and signed.', waitingFor(view));
    case 'approval-closed':
      return says('bad', 'Time is up.', 'Nobody answered in time, which means no. The run is being told.');
    default:
      return assertNever(objection);
  }
}

function isAskedLater({ escalation }: ApprovalView, { identity }: Viewer): boolean {
  return escalation?.widen.some(({ roles }) => roles.some((role) => identity.roles.includes(role))) === true;
}

const inVain: Readonly<Record<LentInVain, string>> = {
  'step-up':
    'Policy asks for proof of who answers, and nobody has proved who lent. Somebody with a role of his own has to answer.',
  'lender':
    'Whoever lent it started this run, owns its agent, or wrote these arguments, so his right cannot count for it.',
};

const passkeyMissing: Readonly<Record<PasskeyStanding, string>> = {
  confirmed: 'Policy asks for more than this sign-in before it takes your answer.',
  waiting: 'Policy asks for one that a second person has confirmed; yours still waits for that.',
  none: 'Policy asks for more than this sign-in before it takes your answer, and you have no passkey yet.',
};

function waitingFor(view: ApprovalView): string {
  if (view.verdicts.some((verdict) => verdict.verdict === 'edit'))
    return 'Somebody else is asked about the change in a moment.';
  const approvals = countedRights(view.verdicts.filter(({ verdict }) => verdict === 'approve').map(answerOf));
  const missing = view.quorum.needed - approvals;
  if (missing <= 0 || view.verdicts.some((verdict) => verdict.verdict === 'reject')) return 'The run takes it up now.';
  return `It still needs ${missing === 1 ? 'one more person' : `${missing} more people`}.`;
}

function answerOf({ by, delegation }: ApprovalView['verdicts'][number]) {
  return { approver: by, ...(delegation && { delegation }) };
}

function closed(view: ApprovalView, closedAt: string | undefined, now: number): Markup {
  const rejectedBy = view.verdicts.find((verdict) => verdict.verdict === 'reject');
  switch (view.state) {
    case 'pending':
      return says('plain', 'It is waiting.', 'Nothing has been decided yet.');
    case 'approved':
      return says('good', 'Approved.', 'Policy is asked once more, then it is carried out.');
    case 'consumed':
      return effectSays(view, now);
    case 'rejected':
      return says(
        'bad',
        'Rejected.',
        rejectedBy === undefined ? 'It was not carried out.' : 'It was not carried out; the agent was told.',
      );
    case 'expired':
      return says('bad', 'Expired.', 'Nobody answered in time, which means no. It was not carried out.');
    case 'withdrawn':
      return says('plain', 'Withdrawn.', `${whyWithdrawn(view, closedAt)} It was not carried out.`);
    case 'superseded':
      return html`${says('plain', 'Superseded.', 'Somebody changed it, and another request took its place. This one was not carried out.')}${successor(view)}`;
    default:
      return assertNever(view.state);
  }
}

/** The row keeps the state alone; the run's timeline has the decision behind it. */
function whyWithdrawn({ verdicts, withdrawnVerdicts = [] }: ApprovalView, closedAt: string | undefined): string {
  if (withdrawnVerdicts.some(({ withdrawnAt }) => withdrawnAt === closedAt))
    return 'An answer that it needed was taken back before it was carried out.';
  return verdicts.length === 0
    ? 'The run no longer asks for it.'
    : 'Policy denied what people had answered, or the run ended first; the page of the run says which.';
}

function effectSays(view: ApprovalView, now: number): Markup {
  const { effect } = view;
  if (effect === undefined) return says('good', 'Approved and taken up.', 'What came of it is on the page of the run.');
  switch (effect.state) {
    case 'landed':
      return html`${says('good', 'Approved and carried out.', 'Once; the approval is spent.')}${effect.settledAt === undefined ? '' : html`<p class="small muted">Carried out ${moment(effect.settledAt, now)}</p>`}`;
    case 'reserved':
      return says('wait', 'Approved; being carried out.', 'The other system has not answered yet.');
    case 'in-doubt':
      return says(
        'bad',
        'Approved, but nobody knows whether it happened.',
        'The other system was called and its answer was lost. Look there, then settle it by hand.',
      );
    case 'did-not-happen':
      return says(
        'bad',
        'Approved, but it did not happen.',
        'The other system reported an error. The approval is spent.',
      );
    default:
      return assertNever(effect.state);
  }
}

function successor({ supersededBy }: ApprovalView): Markup | '' {
  return supersededBy === undefined
    ? ''
    : html`<p><a href="/approvals/${supersededBy}">Go to the request that took its place</a></p>`;
}

function says(tone: Tone, title: string, text: string): Markup {
  return noticeBox({ tone, title, text });
}

function listed(roles: readonly string[]): string {
  return roles.length === 0 ? 'no role' : `the role ${roles.join(' or ')}`;
}
