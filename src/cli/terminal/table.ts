import { padded, shortened, textWidth } from './text-width.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Gives way where the lines would be too long. */
  readonly shrinks?: true;
}

const gap = 2;
const narrowest = 8;

/** Rows under a line of titles, in at most so many columns. Cells carry no colours. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(textWidth(title), ...rows.map((row) => textWidth(row[at] ?? ''))),
  );
  const excess = widths.reduce((sum, columnWidth) => sum + columnWidth + gap, -gap) - width;
  shrink(columns, widths, excess);
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align = 'left' }, at) => padded(shortened(cells[at] ?? '', widths[at] ?? 0), widths[at] ?? 0, align))
      .join(' '.repeat(gap))
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)];
}

function shrink(columns: readonly Column[], widths: number[], excess: number): void {
  let left = excess;
  for (const [at, { shrinks }] of columns.entries()) {
    if (left <= 0 || shrinks === undefined) continue;
    const given = Math.min(left, Math.max(0, (widths[at] ?? 0) - narrowest));
    widths[at] = (widths[at] ?? 0) - given;
    left -= given;
  }
}
