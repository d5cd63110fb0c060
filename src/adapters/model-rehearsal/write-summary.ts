import { type CaseFile, describeRefusal } from './case-file.ts';
import { textField } from './json-fields.ts';

export const introduction = 'This is the rehearsal model: fixed rules, no language model behind it.';

/** The run's answer: what was paid, what was refused, what waits for a person. */
export function writeSummary(cases: readonly CaseFile[]): string {
  const done = cases.flatMap((file) => file.attempts.map((attempt) => ({ ...attempt, file })));
  const landed = done.flatMap(({ what, outcome, file }) =>
    outcome.kind === 'value' ? [`${file.messageId} ${file.title}: ${what}${idOf(outcome.value)}`] : [],
  );
  const refused = done.flatMap(({ what, instructed, outcome, file }) =>
    outcome.kind === 'refused'
      ? [
          `${file.messageId} ${file.title}: ${what}${instructed ? ', which the message itself asked for' : ''}: ${describeRefusal(outcome)}`,
        ]
      : [],
  );
  const flagged = cases
    .filter(({ reasons }) => reasons.length > 0)
    .map(({ messageId, title, reasons }) => `${messageId} ${title}: ${reasons.join(' ')}`);
  const quiet = cases
    .filter(({ attempts, reasons }) => attempts.length === 0 && reasons.length === 0)
    .map(({ messageId, title, folder }) => `${messageId} ${title}: ${folder ?? 'left where it was'}`);
  return [
    introduction,
    `${cases.length} messages were worked.`,
    section('Done', landed),
    section('Refused', refused),
    section('Flagged for a person', flagged),
    section('Filed without payment', quiet),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title} (${lines.length}):\n${lines.map((line) => `- ${line}`).join('\n')}`;
}

function idOf(value: Parameters<typeof textField>[0]): string {
  const id = textField(value, 'paymentId') ?? textField(value, 'mailId');
  return id === undefined ? '' : ` (${id})`;
}
