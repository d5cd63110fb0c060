import type { JsonObject } from '../../domain/json.ts';
import { spanText } from '../../web/time-text.ts';
import { shownLine } from '../terminal/shown-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { padded, shortened, wrapped } from '../terminal/text-width.ts';
import { moneyWords } from '../timeline/money-words.ts';
import { deedOfAction, reasonTexts } from '../timeline/timeline-text.ts';
import type { Wording } from '../timeline/wording.ts';
import type { DemoSummary, SummaryEntry } from './demo-summary.ts';

const titleColumns = 24;

/** The desk's day as a table in words. */
export function summaryLines(summary: DemoSummary, { paint, columns }: Terminal, wording: Wording): readonly string[] {
  const deed = ({ tool, args }: SummaryEntry) => deedOfAction(wording, tool, args);
  const done = (entry: SummaryEntry): string => {
    const told = deed(entry);
    return told.kind === 'single' ? told.done : told.wanted;
  };
  const because = ({ reasons }: SummaryEntry) =>
    reasonTexts(reasons, paint).flatMap((reason) => wrapped(reason, columns - 6).map((line) => `      ${line}`));
  const section = (
    title: string,
    entries: readonly SummaryEntry[],
    aside: string,
    lines: (entry: SummaryEntry) => readonly string[],
  ) => (entries.length === 0 ? [] : ['', heading(title, entries.length, aside), ...entries.flatMap(lines)]);
  const heading = (title: string, count: number, aside: string) =>
    `  ${paint.strong(padded(title, titleColumns))}${padded(String(count), 4, 'right')}${aside === '' ? '' : `   ${aside}`}`;
  const one = (entry: SummaryEntry) => [`    ${paint.faint(shortened(done(entry), columns - 4))}`];

  return [
    ...section('Paid by policy', summary.paidByPolicy, sums(summary.paidByPolicy), one),
    ...section('Paid with approval', summary.paidWithApproval, sums(summary.paidWithApproval), (entry) => [
      ...one(entry),
      `      ${paint.faint(`approved by ${entry.approvedBy.map(shownLine).join(', ')}`)}`,
    ]),
    ...section('Mailed', summary.mailed, '', one),
    ...section(paint.bad('Refused'), summary.refused, '', (entry) => [
      ...wrapped(deed(entry).wanted, columns - 4).map((line) => `    ${line}`),
      ...because(entry),
    ]),
    ...section('Flagged for a person', summary.flagged, '', one),
    ...section('Filed', summary.filed, folders(summary.filed), () => []),
    ...section(paint.bad('In doubt'), summary.inDoubt, 'look these up in the other system', one),
    '',
    `  ${paint.faint(totals(summary))}`,
  ];
}

/** `1,240.00 EUR, 90.00 USD`: one sum a currency, in cents, so that no payment is rounded. */
function sums(entries: readonly SummaryEntry[]): string {
  const cents = new Map<string, bigint>();
  for (const { args } of entries) {
    const [, whole = '', fraction = ''] = /^([0-9]{1,15})(?:\.([0-9]{1,2}))?$/.exec(textOf(args, 'amount')) ?? [];
    if (whole === '') continue;
    const currency = textOf(args, 'currency');
    cents.set(currency, (cents.get(currency) ?? 0n) + BigInt(whole + fraction.padEnd(2, '0')));
  }
  return Array.from(cents, ([currency, sum]) => {
    const digits = String(sum).padStart(3, '0');
    return moneyWords(`${digits.slice(0, -2)}.${digits.slice(-2)}`, currency);
  }).join(', ');
}

function folders(entries: readonly SummaryEntry[]): string {
  const counts = new Map<string, number>();
  for (const { args } of entries) counts.set(textOf(args, 'folder'), (counts.get(textOf(args, 'folder')) ?? 0) + 1);
  return Array.from(counts, ([folder, count]) => `${count} ${shownLine(folder)}`).join(', ');
}

function totals({ usage, durationMs }: DemoSummary): string {
  const number = (value: number) => value.toLocaleString('en-US');
  const cost = usage.costMicroUsd > 0 ? [`${(usage.costMicroUsd / 1_000_000).toFixed(2)} USD`] : [];
  const time = durationMs === undefined ? [] : [spanText(durationMs)];
  return [
    `${number(usage.modelCalls)} model calls`,
    `${number(usage.toolCalls)} tool calls`,
    `${number(usage.inputTokens)} tokens in, ${number(usage.outputTokens)} out`,
    ...cost,
    ...time,
  ].join(' · ');
}

function textOf(args: JsonObject, name: string): string {
  const value = args[name];
  return typeof value === 'string' ? value : '';
}
