import { codePointsOf, readCharacters, type TextPart, type UnusualKind } from '../../domain/unusual-characters.ts';

/** Kinds that have a glyph: it is shown beside its code. The others would act on the terminal, or show nothing. */
const visibleKinds: ReadonlySet<UnusualKind> = new Set(['lookalike', 'mixed-script', 'digit', 'compatibility']);

/** Data on one line, with nothing in it that acts on the terminal or passes for something else. */
export function shownLine(text: string): string {
  return readCharacters(text)
    .map((part) => (part.kind === 'break' ? '↵ ' : shownPart(part)))
    .join('');
}

/** The same for a text of several lines. */
export function shownLines(text: string): readonly string[] {
  return readCharacters(text)
    .map((part) => (part.kind === 'break' ? '\n' : shownPart(part)))
    .join('')
    .split('\n');
}

function shownPart(part: TextPart): string {
  if (part.kind !== 'unusual') return part.text;
  return `${visibleKinds.has(part.why) ? part.text : ''}⟦${codePointsOf(part.text)}⟧`;
}
