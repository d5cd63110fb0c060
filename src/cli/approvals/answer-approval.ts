import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { CountersignClient } from '../../client/create-client.ts';
import type { ApprovalView } from '../../contracts/http/approval.schema.ts';
import type { VerdictKind } from '../../domain/approval.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { connect } from '../server/connect.ts';
import type { ServerOptions } from '../server/find-server.ts';
import type { Shell } from '../shell.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { UsageError } from '../usage-error.ts';
import { tellApproval, tellNotes } from './approval-words.ts';

export interface AnswerOptions extends ServerOptions {
  readonly reason?: string;
  readonly digest?: string;
  readonly yes?: true;
  readonly json?: true;
}

const outcomeWithinMs = 10_000;
const pauseMs = 250;

/** Answers for exactly one action: the digest that is sent is the one that was named, or that was shown. */
export async function answerApproval(
  shell: Shell,
  id: string,
  verdict: 'approve' | 'reject',
  options: AnswerOptions,
): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  refuseUnasked(terminal, options);
  const { client, pages } = await connect(options, shell.configuration, 'approver');
  const seen = await client.approvals.get(id, { signal: shell.interrupted });
  tellApproval(terminal, seen, pages);
  tellNotes(terminal, (await client.approvals.notes(id, { signal: shell.interrupted })).items);
  const isSure = options.digest !== undefined || options.yes === true || (await confirmed(shell, verdict));
  if (!isSure) {
    terminal.line('  Nothing was sent.');
    return exitCodes.failure;
  }
  const { verdictId } = await client.approvals.decide(id, {
    verdict,
    actionDigest: options.digest ?? seen.actionDigest,
    ...(options.reason !== undefined && { reason: options.reason }),
  });
  const isLastNeeded = verdict === 'reject' || approvalsIn(seen) + 1 >= seen.quorum.needed;
  const after = await (isLastNeeded ? settled(client, id, shell.interrupted) : client.approvals.get(id));
  terminal.emit({ verdictId, approval: after });
  tellOutcome(terminal, 'verdict', after, pages);
  return exitCodes.ok;
}

/** An answer that nobody can be asked to confirm says itself what it is about. */
export function refuseUnasked({ interactive }: Terminal, { digest, yes }: AnswerOptions): void {
  if (digest !== undefined || yes !== undefined || interactive) return;
  throw new UsageError(
    'Nobody is there to be asked: say which action you looked at with --digest, or --yes for what it is now.',
  );
}

export function confirmed(shell: Shell, verdict: VerdictKind): Promise<boolean> {
  return typed(shell, verdict, `${verdict} exactly this`);
}

/** Whether somebody at the terminal has typed these words; `deed` says what they do. */
export async function typed({ streams, interrupted }: Shell, words: string, deed: string): Promise<boolean> {
  const { input } = streams;
  const prompt = createInterface({ input, output: process.stdout });
  try {
    const answer = await prompt.question(`  Type “${words}” to ${deed}: `, { signal: interrupted });
    return answer.trim().toLowerCase() === words;
  } finally {
    prompt.close();
  }
}

/** The verdict is stored; what becomes of it is read, for a while. */
export async function settled(client: CountersignClient, id: string, signal: AbortSignal): Promise<ApprovalView> {
  const deadline = Date.now() + outcomeWithinMs;
  let approval = await client.approvals.get(id, { signal });
  while (approval.state === 'pending' && Date.now() < deadline) {
    await delay(pauseMs, undefined, { signal });
    approval = await client.approvals.get(id, { signal });
  }
  return approval;
}

/** What became of an answer, and where to look next. `answer` names it: `verdict`. */
export function tellOutcome(terminal: Terminal, answer: string, approval: ApprovalView, pages: string): void {
  const { good, accent } = terminal.paint;
  terminal.line(`  ${good('✓')} Your ${answer} is stored and signed. The approval is now ${standing(approval)}.`);
  const { state, supersededBy, runId } = approval;
  if (supersededBy !== undefined)
    terminal.line(`  Somebody else is asked about the change: ${accent(`${pages}/approvals/${supersededBy}`)}`);
  if (state === 'withdrawn')
    terminal.line(`  Policy denied it, or the run ended first. Which one: ${accent(`${pages}/runs/${runId}`)}`);
}

function standing(approval: ApprovalView): string {
  const missing = approval.quorum.needed - approvalsIn(approval);
  return approval.state === 'pending' && missing > 0 ? `pending; ${missing} more needed` : approval.state;
}

function approvalsIn({ verdicts }: ApprovalView): number {
  return verdicts.filter(({ verdict }) => verdict === 'approve').length;
}
