import type { Command } from 'commander';
import type { AnswerOptions } from '../approvals/answer-approval.ts';
import { answerApprovals } from '../approvals/answer-approvals.ts';
import { type EditOptions, editApproval } from '../approvals/edit-approval.ts';
import { type NoteOptions, noteApproval } from '../approvals/note-approval.ts';
import { checkReceipt, keepReceipt, type ReceiptOptions, type VerifyOptions } from '../approvals/receipt-commands.ts';
import { type ListOptions, listApprovals, showApproval } from '../approvals/show-approvals.ts';
import { type WithdrawOptions, withdrawAnswer } from '../approvals/withdraw-answer.ts';
import { withServerOptions } from '../server/server-options.ts';
import type { Shell } from '../shell.ts';

const identity = 'approver';
const digestHelp = 'digest of the action that you looked at; anything else is refused';

export function registerApprovals(program: Command, shell: Shell): void {
  const approvals = program
    .command('approvals')
    .summary('see and answer what waits for a person')
    .helpCommand(false)
    .description('What people were asked, and their answers. The rules are those of the pages.');

  const list = approvals
    .command('list')
    .description('Lists approvals: those that wait, by what expires first; with another state, the newest first.')
    .option(
      '--state <state>',
      'pending, approved, rejected, expired, withdrawn, superseded or consumed (default: pending)',
    )
    .option('--all', 'in every state')
    .option('--run <id>', 'of one run')
    .option('--tool <server.tool>', 'of one tool')
    .option('--agent <name>', 'of one agent')
    .option('--risk <tier>', 'low, medium or high')
    .option('--mine', 'only what the identity could answer now');
  withServerOptions(list, identity).action(shell.action((options: ListOptions) => listApprovals(shell, options)));

  const show = approvals
    .command('show')
    .description('Shows exactly what will run, why it was asked, and who has answered.')
    .argument('<id>', 'id of an approval');
  withServerOptions(show, identity).action(
    shell.action((id: string, options: ListOptions) => showApproval(shell, id, options)),
  );

  const receipt = approvals
    .command('receipt')
    .description('Prints a document to keep: the action, the signed verdicts, and what is needed to check them.')
    .argument('<id>', 'id of an approval')
    .option('--out <file>', 'write it to a new file');
  withServerOptions(receipt, identity).action(
    shell.action((id: string, options: ReceiptOptions) => keepReceipt(shell, id, options)),
  );

  approvals
    .command('verify')
    .description('Checks a receipt offline, with public keys alone; 0 where everything holds, 1 otherwise.')
    .argument('<file>', 'the receipt')
    .option('--keys <file>', 'the keys to trust, as `countersign keys` prints them (default: those in the receipt)')
    .option('--json', 'one JSON document')
    .action(shell.action((file: string, options: VerifyOptions) => checkReceipt(shell, file, options)));

  for (const verdict of ['approve', 'reject'] as const) {
    const answer = approvals
      .command(verdict)
      .description(
        verdict === 'approve'
          ? 'Shows each action, asks once, and approves exactly what was shown.'
          : 'Shows each action, asks once, and rejects what was shown.',
      )
      .argument('<id...>', 'id of an approval, or of several, each a verdict of its own')
      .option('--reason <text>', 'why; kept with the verdict')
      .option('--digest <sha256>', digestHelp)
      .option('--yes', 'do not ask; answer for the action as it is now');
    withServerOptions(answer, identity).action(
      shell.action((ids: readonly string[], options: AnswerOptions) => answerApprovals(shell, ids, verdict, options)),
    );
  }

  const note = approvals
    .command('note')
    .description('Asks colleagues about an approval, or answers them. It is no verdict.')
    .argument('<id>', 'id of an approval')
    .requiredOption('--text <text>', 'what to say')
    .option('--key <key>', 'the same key and text again is the same note');
  withServerOptions(note, identity).action(
    shell.action((id: string, options: NoteOptions) => noteApproval(shell, id, options)),
  );

  const withdraw = approvals
    .command('withdraw')
    .description('Takes your own answer back, as long as what was approved has not begun.')
    .argument('<id>', 'id of an approval');
  withServerOptions(withdraw, identity).action(
    shell.action((id: string, options: WithdrawOptions) => withdrawAnswer(shell, id, options)),
  );

  const edit = approvals
    .command('edit')
    .description('Shows the action, asks, and changes its arguments; somebody else is asked about the result.')
    .argument('<id>', 'id of an approval')
    .requiredOption('--args <file>', 'file with all the arguments as they should be, as one JSON object')
    .option('--reason <text>', 'why; kept with the change')
    .option('--digest <sha256>', digestHelp)
    .option('--yes', 'do not ask; change the action as it is now');
  withServerOptions(edit, identity).action(
    shell.action((id: string, options: EditOptions) => editApproval(shell, id, options)),
  );
}
