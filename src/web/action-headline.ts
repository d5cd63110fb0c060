import type { SheetRow } from '../domain/action-sheet.ts';
import { deedOf } from '../domain/plain-words.ts';
import { decisiveRows, type Money } from '../domain/sheet-headline.ts';

/** An action in one line, and the arguments that decide where it goes. */
export interface ActionHeadline {
  readonly deed: string;
  readonly money?: Money;
  /** The argument rows of role `route` but for those that the money says; all rows where none is `route`. */
  readonly facts: readonly SheetRow[];
}

/** The headline comes from the sheet alone. */
export function headlineOf(tool: string, rows: readonly SheetRow[]): ActionHeadline {
  return { deed: deedOf(tool), ...decisiveRows(rows) };
}
