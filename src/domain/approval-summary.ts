import type { ActionSheet, SheetRecord, SheetRow } from './action-sheet.ts';
import { decisiveRows, type Money, textOf } from './sheet-headline.ts';

/**
 * What a list shows of an approval, kept in its row so that a list reads no sheet. Taken from the sheet when the
 * approval is opened, and for finding it only: whoever answers looks at the sheet itself.
 */
export interface ApprovalSummary {
  readonly v: 1;
  readonly money?: Money;
  /** Fields of the operator's records, and the decisive arguments, as far as they are short; each whole. */
  readonly records: readonly SheetRecord[];
  readonly facts: readonly Pick<SheetRow, 'path' | 'json'>[];
  /** Decisive arguments that the list does not show. */
  readonly unshown: number;
  /** The advice of each rule that asked. */
  readonly reasons: readonly string[];
  /** Relations in which the operator's records contradict the arguments. */
  readonly disagreeing: readonly string[];
  readonly onBehalfOf: string;
}

const kept = { facts: 6, records: 3, reasons: 4, disagreeing: 8 } as const;
const longestValue = 80;
const longestName = 60;
const longestReason = 300;

export function summaryOf(sheet: ActionSheet): ApprovalSummary {
  const { money, facts } = decisiveRows(sheet.rows);
  const short = facts.filter((row) => row.path.length <= longestName && isShort(row)).slice(0, kept.facts);
  return {
    v: 1,
    ...(money !== undefined && { money }),
    records: sheet.records
      .filter((record) => record.label.length <= longestName && isShort(record))
      .slice(0, kept.records),
    facts: short.map(({ path, json }) => ({ path, json })),
    unshown: facts.length - short.length,
    reasons: sheet.reasons
      .map(({ message }) => message)
      .filter((message) => message.length <= longestReason)
      .slice(0, kept.reasons),
    disagreeing: Object.entries(sheet.facts)
      .filter(([relation, holds]) => !holds && relation.length <= longestName)
      .map(([relation]) => relation)
      .slice(0, kept.disagreeing),
    onBehalfOf: sheet.onBehalfOf,
  };
}

function isShort(row: Pick<SheetRow, 'json'>): boolean {
  if (row.json.length > 6 * longestValue) return false;
  const text = textOf(row);
  return text.length <= longestValue && !text.includes('\n');
}
