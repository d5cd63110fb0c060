import type { ApprovalView } from '../../contracts/http/approval.schema.ts';
import type { NoteView } from '../../contracts/http/note.schema.ts';
import { changedRows, sheetRows } from '../../domain/action-sheet.ts';
import type { ApprovalState } from '../../domain/approval.ts';
import type { JsonObject } from '../../domain/json.ts';
import { absoluteText, relativeText } from '../../web/time-text.ts';
import { factLines } from '../terminal/fact-lines.ts';
import type { Paint } from '../terminal/paint.ts';
import { shownLine } from '../terminal/shown-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { wrapped } from '../terminal/text-width.ts';
import { reasonTexts } from '../timeline/timeline-text.ts';

const tones: Record<ApprovalState, keyof Paint> = {
  pending: 'wait',
  approved: 'good',
  consumed: 'good',
  rejected: 'bad',
  expired: 'bad',
  withdrawn: 'faint',
  superseded: 'faint',
};

/** Exactly what will run: every argument whole, as its JSON text, with what is unusual in it named. */
export function tellApproval(terminal: Terminal, approval: ApprovalView, pages: string): void {
  const { paint, columns } = terminal;
  const now = Date.now();
  const ends = approval.state === 'pending' ? ` (ends ${relativeText(approval.expiresAt, now)})` : '';
  terminal.line(
    `\n  ${paint.strong(shownLine(approval.tool))}  ${paint[tones[approval.state]](approval.state)}${ends}\n`,
  );
  for (const row of sheetRows(approval.args, {})) {
    const [first = '', ...more] = wrapped(shownLine(row.json), columns - 24);
    terminal.line(`    ${shownLine(row.path).padEnd(18)}${paint.strong(first)}`);
    for (const line of more) terminal.line(`    ${' '.repeat(18)}${paint.strong(line)}`);
  }
  terminal.line();
  if (approval.edited !== undefined)
    tellChange(terminal, `Changed by ${shownLine(approval.edited.by)}`, approval.edited.before, approval.args);
  for (const line of reasonTexts(approval.reasons, paint).flatMap((reason) => wrapped(reason, columns - 2)))
    terminal.line(`  ${line}`);
  terminal.line();
  const { needed, roles } = approval.quorum;
  const facts: (readonly [string, string])[] = [
    ['Approval', approval.approvalId],
    ['Run', shownLine(approval.runId)],
    ['Risk', approval.risk],
    ['Needs', `${needed} of ${roles.map(shownLine).join(' or ')}`],
    ...laterFacts(approval, now),
    ['Asked', `${absoluteText(approval.createdAt)} (${relativeText(approval.createdAt, now)})`],
    ['Digest', approval.actionDigest],
    ['Page', paint.accent(`${pages}/approvals/${approval.approvalId}`)],
    ...approval.verdicts.map(
      ({ by, delegation, verdict, at, reason }) =>
        [
          'Verdict',
          `${verdict} by ${shownLine(by)}${delegation ? ` for ${shownLine(delegation.from)}` : ''}, ${absoluteText(at)}${reason ? `: “${shownLine(reason)}”` : ''}`,
        ] as const,
    ),
    ...(approval.withdrawnVerdicts ?? []).map(
      ({ by, verdict, withdrawnAt }) =>
        ['Taken back', `${verdict} by ${shownLine(by)}, ${absoluteText(withdrawnAt)}`] as const,
    ),
    ...(approval.supersededBy === undefined ? [] : [['Instead', approval.supersededBy] as const]),
    ...(approval.effect === undefined ? [] : [['Effect', approval.effect.state] as const]),
  ];
  for (const line of factLines(facts, paint)) terminal.line(line);
  terminal.line();
}

/** While it is open: who is asked later, and what silence means. */
function laterFacts({ state, escalation, expiresAt }: ApprovalView, now: number): (readonly [string, string])[] {
  if (state !== 'pending' || escalation === undefined) return [];
  const at = (time: string) => `${absoluteText(time)} (${relativeText(time, now)})`;
  const later = escalation.widen
    .filter((rung) => Date.parse(rung.at) > now)
    .map((rung) => ['Later', `from ${at(rung.at)} also ${rung.roles.map(shownLine).join(' or ')}`] as const);
  return [
    ...later,
    ...(escalation.remindAt === undefined ? [] : [['Reminder', at(escalation.remindAt)] as const]),
    ['Silence', `rejects it at ${at(expiresAt)}`],
    ['Owner', `${shownLine(escalation.owner)}, told before that where a channel is set up`],
  ];
}

/** What differs between two sets of arguments: each value whole, before and after. */
export function tellChange(terminal: Terminal, title: string, before: JsonObject, after: JsonObject): void {
  const { paint, columns } = terminal;
  terminal.line(`  ${paint.wait(title)}`);
  for (const { path, before: old, after: now } of changedRows(sheetRows(before, {}), sheetRows(after, {}))) {
    const told = `${shownLine(old?.json ?? 'nothing')} → ${shownLine(now?.json ?? 'nothing')}`;
    const [first = '', ...more] = wrapped(told, columns - 24);
    terminal.line(`    ${shownLine(path).padEnd(18)}${paint.strong(first)}`);
    for (const line of more) terminal.line(`    ${' '.repeat(18)}${paint.strong(line)}`);
  }
  terminal.line();
}

/** What colleagues have said to each other. */
export function tellNotes(terminal: Terminal, notes: readonly NoteView[]): void {
  if (notes.length === 0) return;
  const { paint, columns } = terminal;
  terminal.line(`  ${paint.wait('Among colleagues')}`);
  for (const { by, at, text } of notes) {
    terminal.line(`    ${paint.strong(shownLine(by))} ${paint.faint(absoluteText(at))}`);
    for (const line of wrapped(shownLine(text), columns - 6)) terminal.line(`      ${line}`);
  }
  terminal.line();
}
