const capitals = new Map(
  Object.entries({
    iban: 'IBAN',
    bic: 'BIC',
    id: 'ID',
    url: 'URL',
    uri: 'URI',
    po: 'PO',
    vat: 'VAT',
    api: 'API',
    pdf: 'PDF',
    ip: 'IP',
  }),
);
/** Second words that take no article: "review access", not "review an access". */
const uncountable = new Set([
  'access',
  'advice',
  'data',
  'equipment',
  'feedback',
  'information',
  'money',
  'permission',
  'review',
  'software',
  'stock',
  'work',
]);

/** `schedule_payment`, `ibanOfSupplier` → its words in lower case, abbreviations in capitals. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[\s_.-]+/)
    .filter((word) => word !== '')
    .map((word) => capitals.get(word.toLowerCase()) ?? word.toLowerCase());
}

/** `poNumber` → `PO number`. */
export function labelOf(name: string): string {
  const text = wordsOf(name).join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `invoices.schedule_payment` → `Schedule a payment`; `run.answer` → `Give the answer`. */
export function deedOf(tool: string): string {
  if (tool === 'run.answer') return 'Give the answer';
  const [verb = tool, noun, ...more] = wordsOf(tool.slice(tool.indexOf('.') + 1));
  const deed = noun === undefined ? verb : [verb, ...articleBefore(noun, more), noun, ...more].join(' ');
  return deed.charAt(0).toUpperCase() + deed.slice(1);
}

/** `invoices.schedule_payment` → `invoices`; empty for the run's own answer. */
export function systemOf(tool: string): string {
  return tool === 'run.answer' ? '' : tool.slice(0, Math.max(0, tool.indexOf('.')));
}

function articleBefore(noun: string, more: readonly string[]): readonly string[] {
  if (more.length > 0 || noun.endsWith('s') || uncountable.has(noun) || noun.length < 4) return [];
  return [/^[aeiou]/.test(noun) ? 'an' : 'a'];
}
