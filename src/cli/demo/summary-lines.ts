import type { JsonObject } from '../../domain/json.ts';
import { spanText } from '../../web/time-text.ts';
import { shownLine } from '../terminal/shown-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { padded, shortened, textWidth, wrapped } from '../terminal/text-width.ts';
import { moneyWords } from '../timeline/money-words.ts';
import { deedOfAction, reasonTexts } from '../timeline/timeline-text.ts';
import type { DemoSummary, SummaryEntry } from './demo-summary.ts';
import type { DeskWords } from './desk-words.ts';

const titleColumns = 22;
const indent = '    ';

type Section = (
  title: string,
  entries: readonly SummaryEntry[],
  aside: string,
  lines: readonly string[],
) => readonly string[];

/** The desk's day as a table in words. */
export function summaryLines(summary: DemoSummary, terminal: Terminal, words: DeskWords): readonly string[] {
  const { paint, columns } = terminal;
  const wide = columns - indent.length;
  const section: Section = (title, entries, aside, lines) => {
    if (entries.length === 0) return [];
    const head = `  ${paint.strong(padded(title, titleColumns))}${paint.strong(padded(String(entries.length), 3, 'right'))}`;
    return ['', aside === '' ? head : `${head}   ${paint.faint(aside)}`, ...lines.map((line) => indent + line)];
  };
  const field = (name: string) => (entry: SummaryEntry) => words.text(entry.args, name);
  const { paidByPolicy, paidWithApproval, mailed, refused, flagged, filed, inDoubt } = summary;
  return [
    ...section('Paid by policy', paidByPolicy, sums(paidByPolicy), paymentLines(paidByPolicy, words)),
    ...section('Paid with approval', paidWithApproval, sums(paidWithApproval), paymentLines(paidWithApproval, words)),
    ...section(
      'Mailed',
      mailed,
      '',
      mailed.map((entry) => shortened(`${field('to')(entry)}  “${field('subject')(entry)}”`, wide)),
    ),
    ...section(
      paint.bad('Refused'),
      refused,
      '',
      refused.flatMap((entry) => refusalLines(entry, terminal, words)),
    ),
    ...section(
      'Flagged for a person',
      flagged,
      '',
      flagged.map((entry) => shortened(`${field('messageId')(entry)}  ${field('reason')(entry)}`, wide)),
    ),
    ...section('Filed', filed, folders(filed), []),
    ...section(
      paint.bad('In doubt'),
      inDoubt,
      'look these up in the other system',
      inDoubt.map(({ tool, args }) => deedOfAction(words.wording, tool, args).wanted),
    ),
    '',
    `  ${paint.faint(totals(summary))}`,
  ];
}

/** Amounts under each other, then payee, invoice, and who approved. */
function paymentLines(entries: readonly SummaryEntry[], words: DeskWords): readonly string[] {
  const rows = entries.map(({ args, approvedBy }) => ({ ...words.payment(args), approvedBy }));
  const columnsOf = (name: 'money' | 'payee') => Math.max(...rows.map((row) => textWidth(row[name])));
  return rows.map(({ money, payee, invoice, approvedBy }) => {
    const by = approvedBy.length === 0 ? '' : `   approved by ${approvedBy.map(shownLine).join(', ')}`;
    return `${padded(money, columnsOf('money'), 'right')}  ${padded(payee, columnsOf('payee'))}  ${invoice}${by}`;
  });
}

function refusalLines(
  { tool, args, reasons }: SummaryEntry,
  { paint, columns }: Terminal,
  { wording }: DeskWords,
): readonly string[] {
  const wide = columns - 2 * indent.length;
  const because = reasonTexts(reasons, paint).flatMap((reason) => wrapped(reason, wide));
  return [
    ...wrapped(deedOfAction(wording, tool, args).wanted, columns - indent.length),
    ...because.map((line) => `  ${line}`),
  ];
}

/** `1,240.00 EUR, 90.00 USD`: one sum a currency, in cents, so that no payment is rounded. */
function sums(entries: readonly SummaryEntry[]): string {
  const cents = new Map<string, bigint>();
  for (const { args } of entries) {
    const [, whole = '', fraction = ''] = /^([0-9]{1,15})(?:\.([0-9]{1,2}))?$/.exec(plainText(args, 'amount')) ?? [];
    if (whole === '') continue;
    const currency = plainText(args, 'currency');
    cents.set(currency, (cents.get(currency) ?? 0n) + BigInt(whole + fraction.padEnd(2, '0')));
  }
  return Array.from(cents, ([currency, sum]) => {
    const digits = String(sum).padStart(3, '0');
    return moneyWords(`${digits.slice(0, -2)}.${digits.slice(-2)}`, currency);
  }).join(', ');
}

function folders(entries: readonly SummaryEntry[]): string {
  const counts = new Map<string, number>();
  for (const { args } of entries)
    counts.set(plainText(args, 'folder'), (counts.get(plainText(args, 'folder')) ?? 0) + 1);
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

/** Numbers and strings of the arguments as they are. */
function plainText(args: JsonObject, name: string): string {
  const value = args[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
