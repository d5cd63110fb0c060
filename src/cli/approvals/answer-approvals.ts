import type { ApprovalView } from '../../contracts/http/approval.schema.ts';
import { type BatchItem, type BatchOutcome, maxBatchItems } from '../../contracts/http/batch.schema.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { connect } from '../server/connect.ts';
import type { Shell } from '../shell.ts';
import { shownLine } from '../terminal/shown-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { UsageError } from '../usage-error.ts';
import { type AnswerOptions, answerApproval, refuseUnasked, typed } from './answer-approval.ts';
import { tellApproval, tellNotes } from './approval-words.ts';

/** One answer to each of these approvals, after each was shown whole; 1 where any of them was refused. */
export async function answerApprovals(
  shell: Shell,
  ids: readonly string[],
  verdict: BatchItem['verdict'],
  options: AnswerOptions,
): Promise<ExitCode> {
  const [only] = ids;
  if (only !== undefined && ids.length === 1) return answerApproval(shell, only, verdict, options);
  refuseUnusable(ids, options);
  const terminal = shell.terminal(options);
  refuseUnasked(terminal, options);
  const { client, pages } = await connect(options, shell.configuration, 'approver');
  const seen: ApprovalView[] = [];
  for (const id of ids) seen.push(await client.approvals.get(id, { signal: shell.interrupted }));
  for (const approval of seen) {
    tellApproval(terminal, approval, pages);
    tellNotes(terminal, (await client.approvals.notes(approval.approvalId, { signal: shell.interrupted })).items);
  }
  const words = `${verdict} ${seen.length}`;
  const isSure = options.yes === true || (await typed(shell, words, `${verdict} exactly these ${seen.length}`));
  if (!isSure) {
    terminal.line('  Nothing was sent.');
    return exitCodes.failure;
  }
  const answer = await client.approvals.decideMany(
    seen.map(({ approvalId, actionDigest }) => ({
      approvalId,
      verdict,
      actionDigest,
      ...(options.reason !== undefined && { reason: options.reason }),
    })),
  );
  terminal.emit(answer);
  answer.items.forEach((outcome, index) => {
    tellOutcome(terminal, outcome, seen[index]?.actionDigest ?? '');
  });
  return answer.items.some((outcome) => 'problem' in outcome) ? exitCodes.failure : exitCodes.ok;
}

function refuseUnusable(ids: readonly string[], { digest }: AnswerOptions): void {
  if (digest !== undefined) throw new UsageError('--digest names one action: answer that one by itself.');
  if (new Set(ids).size !== ids.length) throw new UsageError('An approval was named twice.');
  if (ids.length > maxBatchItems) throw new UsageError(`At most ${maxBatchItems} approvals are answered at once.`);
}

function tellOutcome({ paint, line }: Terminal, outcome: BatchOutcome, digest: string): void {
  const about = `${shownLine(outcome.approvalId)}  ${paint.faint(shownLine(digest.slice(0, 'sha256:'.length + 16)))}`;
  if ('problem' in outcome)
    line(
      `  ${paint.bad('✗')} ${about}  not taken: ${shownLine(outcome.problem.title)} (${shownLine(outcome.problem.code)})`,
    );
  else line(`  ${paint.good('✓')} ${about}  stored and signed`);
}
