import type { ApprovalView } from '../../contracts/http/approval.schema.ts';
import type { VerdictKind } from '../../domain/approval.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { giverName, type Installation } from '../page.ts';
import { badge } from './badge.ts';
import { moment } from './moment.ts';
import { shownText } from './shown-text.ts';

type Answer = ApprovalView['verdicts'][number] & { readonly withdrawnAt?: string };

const words: Readonly<Record<VerdictKind, string>> = { approve: 'Approved', reject: 'Rejected', edit: 'Edited' };

/** What it needs, and who has answered; what was taken back comes last and does not count. */
export function answerList(
  { verdicts, withdrawnVerdicts = [], quorum }: ApprovalView,
  installation: Installation,
  now: number,
): Markup {
  const needed = quorum.needed === 1 ? 'One approval is enough' : `${quorum.needed} people have to approve`;
  const answers: readonly Answer[] = [...verdicts, ...withdrawnVerdicts];
  return html`<div class="answers"><h3>Who has answered</h3>
<p class="small muted">${needed}; ${quorum.roles.length === 1 ? 'role' : 'roles'}: ${shownText(quorum.roles.join(', '))}. One rejection rejects.</p>
${answers.length === 0 ? html`<p class="small">Nobody yet.</p>` : html`<ul>${answers.map((answer) => answerItem(answer, installation, now))}</ul>`}</div>`;
}

function answerItem(answer: Answer, installation: Installation, now: number): Markup {
  const { verdict, at, reason, withdrawnAt } = answer;
  const [tone, when] =
    withdrawnAt === undefined
      ? [verdict === 'reject' ? ('bad' as const) : ('good' as const), html`${moment(at, now)}`]
      : ['plain' as const, html`taken back ${moment(withdrawnAt, now)}`];
  return html`<li>${badge(withdrawnAt === undefined ? words[verdict] : `${words[verdict]}, taken back`, tone)}
${giverName(answer, installation)} <span class="muted">${when}</span>
${reason === undefined || reason === '' ? nothing : html`<blockquote>${shownText(reason)}</blockquote>`}</li>`;
}
