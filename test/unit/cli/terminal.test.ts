import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shownLine, shownLines } from '../../../src/cli/terminal/shown-text.ts';
import { table } from '../../../src/cli/terminal/table.ts';
import { createTerminal } from '../../../src/cli/terminal/terminal.ts';
import { padded, shortened, textWidth, wrapped } from '../../../src/cli/terminal/text-width.ts';
import { recordedStreams } from './recorded-streams.ts';

/** Whatever a terminal would act on, or that reorders or hides what stands beside it. */
const acting = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('data on a line', () => {
  test('holds nothing that acts on the terminal, whatever it was', () => {
    fc.assert(fc.property(anyText, (text) => !acting.test(shownLine(text))));
    fc.assert(fc.property(anyText, (text) => !shownLines(text).some((line) => acting.test(line))));
  });

  test('names what it left out', () => {
    expect(shownLine('paid\u001b[2K\u202e')).toBe('paid⟦U+001B⟧[2K⟦U+202E⟧');
    expect(shownLine('one\ntwo')).toBe('one↵ two');
  });

  test('shows a look-alike with its code', () => {
    expect(shownLine('Аperlo')).toContain('⟦U+0410⟧');
  });

  test('leaves ordinary text of any language alone', () => {
    for (const text of ['Tannhelm Büroservice GmbH', 'Zonderwaard Logistiek B.V.', 'Счёт за июль', '請求書']) {
      expect(shownLine(text)).toBe(text);
    }
  });
});

describe('widths', () => {
  test('do not count colours and marks, and count wide letters twice', () => {
    expect(textWidth('\u001b[31mred\u001b[39m')).toBe(3);
    expect(textWidth('請求書')).toBe(6);
  });

  test('a shortened text is never wider than it may be', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'ü', '請', ' ', '.'), maxLength: 60 });
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 1, max: 40 }),
        (words, columns) => textWidth(shortened(words, columns)) <= columns,
      ),
    );
  });

  test('wrapping loses no word and keeps to the width, but for words that are longer', () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '請'), minLength: 1, maxLength: 12 }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(words, fc.integer({ min: 10, max: 60 }), (list, columns) => {
        const lines = wrapped(list.join(' '), columns);
        expect(lines.join(' ')).toBe(list.join(' '));
        for (const line of lines) expect(textWidth(line) <= columns || !line.includes(' ')).toBe(true);
      }),
    );
  });

  test('padding reaches the width on either side', () => {
    expect(padded('7', 3, 'right')).toBe('  7');
    expect(padded('請', 3)).toBe('請 ');
  });

  test('a table keeps to the width by the columns that may shrink', () => {
    const columns = [{ title: 'ID' }, { title: 'WHAT', shrinks: true }] as const;
    const lines = table(
      columns,
      [
        ['apr_1', 'x'.repeat(200)],
        ['apr_2', 'short'],
      ],
      60,
    );
    expect(Math.max(...lines.map(textWidth))).toBe(60);
    expect(lines[1]).toMatch(/^apr_1 {2}x+…$/);
  });
});

describe('the terminal', () => {
  const lineOf = (options: { isTTY: boolean; json: boolean; colour: boolean }) => {
    const { streams, written } = recordedStreams({ isTTY: options.isTTY });
    const terminal = createTerminal(streams, options);
    terminal.line(terminal.paint.bad('no'));
    terminal.emit({ event: 'x' });
    return { text: written().output, terminal };
  };

  test('colours only a screen whose user wants them', () => {
    expect(lineOf({ isTTY: true, json: false, colour: true }).text).toBe('\u001b[31mno\u001b[39m\n');
    expect(lineOf({ isTTY: true, json: false, colour: false }).text).toBe('no\n');
    expect(lineOf({ isTTY: false, json: false, colour: true }).text).toBe('no\n');
  });

  test('writes nothing but JSON where JSON was asked for, and nobody is asked anything', () => {
    const { text, terminal } = lineOf({ isTTY: true, json: true, colour: true });
    expect(text).toBe('{"event":"x"}\n');
    expect(terminal.interactive).toBe(false);
  });

  test('is at most 100 columns wide', () => {
    const { streams } = recordedStreams({ isTTY: true, columns: 300 });
    expect(createTerminal(streams, { json: false, colour: false }).columns).toBe(100);
  });
});
