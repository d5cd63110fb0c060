import { relative } from 'node:path';
import process from 'node:process';
import type { RunView } from '../../contracts/http/run.schema.ts';
import type { Embedded } from '../../main/embedded.ts';
import { absoluteText } from '../../web/time-text.ts';
import { factLines } from '../terminal/fact-lines.ts';
import { shownLine } from '../terminal/shown-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { wrapped } from '../terminal/text-width.ts';
import { modelName } from '../timeline/timeline-text.ts';
import type { DemoPlan } from './demo-folder.ts';
import type { DemoSummary } from './demo-summary.ts';
import type { DeskWords } from './desk-words.ts';
import { summaryLines } from './summary-lines.ts';

/** What will happen here, before anything does. */
export function tellBeginning(terminal: Terminal, plan: DemoPlan, folder: string): void {
  const { paint } = terminal;
  terminal.line(`${paint.strong('Countersign')} · the invoice desk`);
  terminal.line();
  paragraph(
    terminal,
    'An agent works through the mailbox of an accounts department: ordinary invoices, a few frauds, and orders to the machine hidden in them. Policy decides every action, and what is risky waits for a person.',
  );
  paragraph(terminal, `Everything runs on this machine, on loopback, and is kept in ${shortPath(folder)}.`);
  if (plan.resumed) paragraph(terminal, `Going on with ${plan.runId}, which an earlier start began.`);
  terminal.line();
}

/** Where to look, as soon as there is something to see. */
export function tellLinks(
  terminal: Terminal,
  embedded: Embedded,
  run: RunView,
  { folder, isScripted }: { readonly folder: string; readonly isScripted: boolean },
): void {
  const { paint } = terminal;
  const inbox = `${embedded.url}/approvals`;
  const page = `${embedded.url}${run.links.page}`;
  const { model } = embedded;
  terminal.emit({
    event: 'ready',
    url: embedded.url,
    inbox,
    page,
    temporal: run.links.temporal,
    runId: run.runId,
    model,
    dataFolder: folder,
  });
  terminal.line();
  const facts = [
    ['Inbox', paint.accent(inbox)],
    ['Run', paint.accent(page)],
    ['Temporal UI', paint.accent(run.links.temporal)],
    ['Model', modelName(model.id, model.rehearsal)],
  ] as const;
  for (const line of factLines(facts, paint)) terminal.line(line);
  terminal.line();
  if (run.closedAt !== undefined) return;
  if (model.rehearsal)
    paragraph(terminal, 'The model is gullible on purpose: it obeys what it reads. What stops it is the engine.');
  const approver = isScripted
    ? 'A scripted approver answers what waits, over the same API and under the same rules as a person.'
    : 'You are the approver: what waits is in the inbox. Sign in as Ada Approver, read, and decide.';
  paragraph(terminal, approver);
  terminal.line();
}

/** What came of it, and how to go on. */
export function tellEnd(terminal: Terminal, run: RunView, summary: DemoSummary, words: DeskWords): void {
  terminal.emit({ event: 'summary', runId: run.runId, ...summary });
  const { paint } = terminal;
  const title =
    run.state === 'completed' ? paint.good('The mailbox is worked.') : paint.bad(`The run ended as ${run.state}.`);
  const when = run.closedAt === undefined ? '' : paint.faint(`  ${run.runId}, ended ${absoluteText(run.closedAt)}`);
  terminal.line(`\n  ${paint.strong(title)}${when}`);
  if (run.failure !== undefined)
    paragraph(terminal, `${shownLine(run.failure.message)} [${shownLine(run.failure.code)}]`);
  for (const line of summaryLines(summary, terminal, words)) terminal.line(line);
  terminal.line(`\n  ${paint.faint('Begin anew with')} npm run demo -- --fresh`);
}

export function tellStopping(terminal: Terminal): void {
  terminal.note(
    '\n  Stopping in good order; the demo goes on where it was when you start it again. Ctrl-C again stops at once.',
  );
}

function paragraph(terminal: Terminal, text: string): void {
  for (const line of wrapped(text, terminal.columns - 2)) terminal.line(`  ${line}`);
}

/** As the reader would type it here. */
export function shortPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === '' || near.startsWith('..') ? path : near;
}
