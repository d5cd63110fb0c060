import { latinLookalikes } from './latin-lookalikes.ts';

/** Why a character deserves a second look. The first that applies, in this order. */
export type UnusualKind =
  | 'lone-surrogate'
  | 'bidi'
  | 'tag'
  | 'variation-selector'
  | 'zero-width'
  | 'filler'
  | 'control'
  | 'format'
  | 'private-use'
  | 'unassigned'
  | 'space'
  | 'lookalike'
  | 'mixed-script'
  | 'digit'
  | 'compatibility'
  | 'combining';

/** A stretch of text that is what it looks like, a line break, or one character that may not be. */
export type TextPart =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'break'; readonly text: '\n' | '\r\n' }
  | { readonly kind: 'unusual'; readonly text: string; readonly why: UnusualKind; readonly looksLike?: string };

const asciiText = /^[\x20-\x7e\n]*$/;
const lookalikeScripts = ['Cyrillic', 'Greek', 'Armenian'] as const;
const scripts = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Armenian',
  'Hebrew',
  'Arabic',
  'Devanagari',
  'Thai',
  'Han',
  'Hiragana',
  'Katakana',
  'Hangul',
  'Bopomofo',
  'Georgian',
  'Cherokee',
] as const;
const scriptForms = scripts.map((script) => [script, new RegExp(`\\p{Script=${script}}`, 'u')] as const);
const word = /[\p{L}\p{M}\p{Nd}]+/gu;
const commonScript = /[\p{Script=Common}\p{Script=Inherited}]/u;
/** Scripts that one word of ordinary writing may combine (UTS 39, "highly restrictive"). */
const writtenTogether = [
  ['Han', 'Hiragana', 'Katakana'],
  ['Han', 'Hangul'],
  ['Han', 'Bopomofo'],
];

const byCategory: readonly (readonly [UnusualKind, RegExp])[] = [
  ['lone-surrogate', /\p{Cs}/u],
  ['bidi', /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u],
  ['tag', /[\u{e0000}-\u{e007f}]/u],
  ['variation-selector', /[\u180b-\u180d\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u],
  ['zero-width', /[\u200b-\u200d\u2060-\u2064\ufeff\u180e]/u],
  ['filler', /[\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5\u034f]/u],
  ['control', /[\p{Cc}\u2028\u2029]/u],
  ['format', /\p{Cf}/u],
  ['private-use', /\p{Co}/u],
  ['unassigned', /\p{Cn}/u],
  ['space', /(?! )\p{Zs}/u],
];

/**
 * Splits a text so that nothing in it can pass for something else: controls, invisible and reordering characters,
 * letters of one script among another's, digits and forms that are not their own NFKC.
 * The parts joined are the text, byte for byte.
 */
export function readCharacters(text: string): readonly TextPart[] {
  if (asciiText.test(text) && !text.includes('\n')) return text === '' ? [] : [{ kind: 'plain', text }];
  const suspects = suspectLetters(text);
  const parts: TextPart[] = [];
  let plain = '';
  let marks = 0;
  const flush = (): void => {
    if (plain !== '') parts.push({ kind: 'plain', text: plain });
    plain = '';
  };
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    const lineBreak = breakAt(text, at);
    marks = /\p{M}/u.test(character) ? marks + 1 : 0;
    const part = lineBreak ?? suspects.get(at) ?? unusualAlone(character, plain, marks);
    if (part === undefined) plain += character;
    else {
      flush();
      parts.push(part);
    }
    at += part?.text.length ?? character.length;
  }
  flush();
  return parts;
}

/** The unusual ones only; empty for a text that is what it looks like. */
export function unusualCharacters(text: string): readonly Extract<TextPart, { kind: 'unusual' }>[] {
  return readCharacters(text).filter((part) => part.kind === 'unusual');
}

/** `U+202E`, or several for a sequence. */
export function codePointsOf(text: string): string {
  return Array.from(
    text,
    (character) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  ).join(' ');
}

function breakAt(text: string, at: number): Extract<TextPart, { kind: 'break' }> | undefined {
  if (text[at] === '\n') return { kind: 'break', text: '\n' };
  return text[at] === '\r' && text[at + 1] === '\n' ? { kind: 'break', text: '\r\n' } : undefined;
}

function unusualAlone(character: string, before: string, marks: number): TextPart | undefined {
  if (character >= ' ' && character <= '~') return undefined;
  const why = byCategory.find(([, form]) => form.test(character))?.[0];
  if (why !== undefined) return { kind: 'unusual', text: character, why };
  if (/\p{Nd}/u.test(character)) return { kind: 'unusual', text: character, why: 'digit', ...plainForm(character) };
  if (character.normalize('NFKC') !== character)
    return { kind: 'unusual', text: character, why: 'compatibility', ...plainForm(character) };
  return marks > 0 && isLooseMark(character, before, marks)
    ? { kind: 'unusual', text: character, why: 'combining' }
    : undefined;
}

/** A mark that would melt into its letter under NFKC, stands alone, or is one of a pile. */
function isLooseMark(mark: string, before: string, marks: number): boolean {
  const letter = /\P{M}\p{M}*$/u.exec(before)?.[0];
  return letter === undefined || marks > 2 || (letter + mark).normalize('NFKC') !== letter + mark;
}

function plainForm(character: string): { readonly looksLike?: string } {
  const looksLike = character.normalize('NFKC');
  return looksLike === character ? {} : { looksLike };
}

/** Letters that are suspicious by their company, by offset. */
function suspectLetters(text: string): ReadonlyMap<number, Extract<TextPart, { kind: 'unusual' }>> {
  const found = new Map<number, Extract<TextPart, { kind: 'unusual' }>>();
  const imitating = imitatingScripts(text);
  for (const match of text.matchAll(word)) {
    const mixed = mixedScripts(match[0]);
    let at = match.index;
    for (const character of match[0]) {
      const script = scriptOf(character);
      const looksLike = latinLookalikes[character];
      const suspect = script !== undefined && (mixed.has(script) || imitating.has(script));
      if (suspect && looksLike !== undefined)
        found.set(at, { kind: 'unusual', text: character, why: 'lookalike', looksLike });
      else if (suspect && mixed.has(script)) found.set(at, { kind: 'unusual', text: character, why: 'mixed-script' });
      at += character.length;
    }
  }
  return found;
}

/** Scripts of which the text holds nothing but letters that pass for Latin: "сосо" is not Russian. */
function imitatingScripts(text: string): ReadonlySet<string> {
  return new Set(
    lookalikeScripts.filter((script) => {
      const letters = text.match(new RegExp(`\\p{Script=${script}}`, 'gu')) ?? [];
      return letters.length > 0 && letters.every((letter) => latinLookalikes[letter] !== undefined);
    }),
  );
}

/** The scripts in a word that do not belong with its Latin, or with its first letter. */
function mixedScripts(text: string): ReadonlySet<string> {
  if (asciiText.test(text)) return new Set();
  const present = new Set(Array.from(text, scriptOf).filter((script) => script !== undefined));
  if (present.size < 2 || writtenTogether.some((set) => [...present].every((script) => set.includes(script))))
    return new Set();
  present.delete(present.has('Latin') ? 'Latin' : ([...present][0] ?? ''));
  return present;
}

/** Undefined for what every script shares; `other` for scripts this table does not name. */
function scriptOf(character: string): string | undefined {
  if (character <= '~') return /[A-Za-z]/.test(character) ? 'Latin' : undefined;
  if (commonScript.test(character)) return undefined;
  return scriptForms.find(([, form]) => form.test(character))?.[0] ?? 'other';
}
