import type { RunView } from '../../contracts/http/run.schema.ts';
import type { RunState } from '../../domain/run.ts';
import { absoluteText, relativeText } from '../../web/time-text.ts';
import { factLines } from '../terminal/fact-lines.ts';
import type { Paint } from '../terminal/paint.ts';
import { shownLine, shownLines } from '../terminal/shown-text.ts';
import { table } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { wrapped } from '../terminal/text-width.ts';

const tones: Record<RunState, keyof Paint> = {
  running: 'accent',
  waiting: 'wait',
  held: 'wait',
  completed: 'good',
  refused: 'bad',
  failed: 'bad',
  cancelled: 'faint',
};

/** One run, its answer or its failure. */
export function tellRun(terminal: Terminal, run: RunView, pages: string): void {
  const { paint } = terminal;
  const { usage } = run;
  const number = (value: number) => value.toLocaleString('en-US');
  const waiting = run.pendingApprovals > 0 ? `, ${run.pendingApprovals} waiting for a person` : '';
  const facts: (readonly [string, string])[] = [
    ['Run', paint.strong(shownLine(run.runId))],
    ['Agent', `${run.agent} version ${run.version}`],
    ['State', `${paint[tones[run.state]](run.state)}${waiting}`],
    ['Started', `${absoluteText(run.startedAt)} (${relativeText(run.startedAt, Date.now())})`],
    ...(run.closedAt === undefined ? [] : [['Ended', absoluteText(run.closedAt)] as const]),
    [
      'Usage',
      `${usage.modelCalls} model calls, ${usage.toolCalls} tool calls, ${number(usage.inputTokens)} tokens in, ${number(usage.outputTokens)} out`,
    ],
    ['Page', paint.accent(`${pages}${run.links.page}`)],
    ['Temporal', paint.accent(run.links.temporal)],
  ];
  terminal.line();
  for (const line of factLines(facts, paint)) terminal.line(line);
  if (run.failure !== undefined) {
    terminal.line(
      `\n  ${paint.bad('✗')} ${shownLine(run.failure.message)} ${paint.faint(`[${shownLine(run.failure.code)}]`)}`,
    );
  }
  if (run.output === undefined) return;
  terminal.line();
  for (const line of shownLines(run.output.text).flatMap((text) => wrapped(text, terminal.columns - 2)))
    terminal.line(`  ${line}`);
}

/** Runs under each other, newest first as they come. */
export function runTable(runs: readonly RunView[], columns: number): readonly string[] {
  const now = Date.now();
  return table(
    [
      { title: 'RUN', shrinks: true },
      { title: 'AGENT', shrinks: true },
      { title: 'STATE' },
      { title: 'WAITING', align: 'right' },
      { title: 'CALLS', align: 'right' },
      { title: 'STARTED' },
    ],
    runs.map((run) => [
      shownLine(run.runId),
      `${run.agent}@${run.version}`,
      run.state,
      run.pendingApprovals === 0 ? '' : String(run.pendingApprovals),
      String(run.usage.toolCalls),
      relativeText(run.startedAt, now),
    ]),
    columns,
  );
}
