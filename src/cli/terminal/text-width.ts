const escapes = /\u001b\[[0-9;]*m/g;
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u;
const marks = /\p{M}/u;

/** Columns that a text takes, our own colours aside. For texts that went through `shownLine`. */
export function textWidth(text: string): number {
  return Array.from(text.replace(escapes, '')).reduce((columns, character) => columns + widthOf(character), 0);
}

function widthOf(character: string): number {
  if (character <= '~') return 1;
  if (marks.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** At most so many columns, with `…` where something was left out. For texts without colours. */
export function shortened(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += widthOf(character);
    if (used > columns - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

export function padded(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, columns - textWidth(text)));
  return side === 'left' ? text + space : space + text;
}

/** Lines of at most so many columns, broken at spaces; a longer word stays whole, so that it can be copied. */
export function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer) > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
