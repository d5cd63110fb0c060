import { sheetRows } from '../../domain/action-sheet.ts';
import type { JsonObject } from '../../domain/json.ts';
import { labelOf } from '../../domain/plain-words.ts';
import { textOf } from '../../domain/sheet-headline.ts';
import { headlineOf } from '../../web/action-headline.ts';
import { shownLine } from '../terminal/shown-text.ts';
import { shortened } from '../terminal/text-width.ts';
import { moneyWords } from './money-words.ts';

/**
 * An action in words. `single`: one line of its own. `counted`: one of many alike, told by their number, with
 * `{n}` where it stands.
 */
export type Deed =
  | { readonly kind: 'single'; readonly wanted: string; readonly done: string }
  | { readonly kind: 'counted'; readonly wanted: string; readonly one: string; readonly many: string };

/** How the actions of one agent are told; `undefined` where it has no words of its own. */
export type Wording = (tool: string, args: JsonObject) => Deed | undefined;

const reading = /^(?:list|read|get|find|check|search|show|lookup|fetch|query|count|describe)(?:_|$)/i;
const factsShown = 4;
const factColumns = 48;

/** For every tool: its name as a deed, the money in it, and the arguments that decide where it goes. */
export function generalWording(tool: string, args: JsonObject): Deed {
  const { deed, money, facts } = headlineOf(tool, sheetRows(args, {}));
  const short = facts
    .slice(0, factsShown)
    .map((row) => `${shownLine(labelOf(row.path).toLowerCase())} ${shortened(shownLine(textOf(row)), factColumns)}`);
  const said = [...(money === undefined ? [] : [moneyWords(money.amount, money.currency)]), ...short].join(', ');
  const words = `${shownLine(deed.charAt(0).toLowerCase() + deed.slice(1))}${said === '' ? '' : `: ${said}`}`;
  if (!reading.test(tool.slice(tool.indexOf('.') + 1))) return { kind: 'single', wanted: words, done: words };
  return { kind: 'counted', wanted: words, one: '{n} look-up', many: '{n} look-ups' };
}
