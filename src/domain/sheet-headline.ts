import type { SheetRow } from './action-sheet.ts';

/** An amount and the currency that stands beside it, as their exact texts. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

const amountName = /(^|\.)(amount|total|sum|price|payableAmount)$/i;
const decimalText = /^-?\d{1,15}(\.\d{1,6})?$/;
const currencyText = /^[A-Z]{3}$/;

/** What decides where an action goes: the rows of role `route`, or all rows where none is; what the money says stands apart. */
export function decisiveRows(rows: readonly SheetRow[]): {
  readonly money?: Money;
  readonly facts: readonly SheetRow[];
} {
  const routes = rows.filter((row) => row.role === 'route');
  const shown = routes.length > 0 ? routes : rows;
  const found = moneyIn(shown);
  if (found === undefined) return { facts: shown };
  return { money: found.money, facts: shown.filter((row) => !found.paths.includes(row.path)) };
}

/** The text of a row that holds a JSON string, otherwise its JSON. */
export function textOf(row: Pick<SheetRow, 'json'>): string {
  const value: unknown = JSON.parse(row.json);
  return typeof value === 'string' ? value : row.json;
}

/** A money that is not plainly one amount and one currency stays in the rows. */
function moneyIn(rows: readonly SheetRow[]): { readonly money: Money; readonly paths: readonly string[] } | undefined {
  const amounts = rows.filter((row) => amountName.test(row.path));
  const [amountRow] = amounts;
  if (amountRow === undefined || amounts.length > 1) return undefined;
  const currencyPath = amountRow.path.replace(/[^.]+$/, 'currency');
  const currencyRow = rows.find((row) => row.path === currencyPath);
  if (currencyRow === undefined) return undefined;
  const money = { amount: textOf(amountRow), currency: textOf(currencyRow) };
  if (!decimalText.test(money.amount) || !currencyText.test(money.currency)) return undefined;
  return { money, paths: [amountRow.path, currencyRow.path] };
}
