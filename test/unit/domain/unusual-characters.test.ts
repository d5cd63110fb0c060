import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  codePointsOf,
  readCharacters,
  type UnusualKind,
  unusualCharacters,
} from '../../../src/domain/unusual-characters.ts';

const kindsIn = (text: string): UnusualKind[] => unusualCharacters(text).map((part) => part.why);

describe('readCharacters', () => {
  test('the parts joined are the text, for every string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(
          readCharacters(text)
            .map((part) => part.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });

  test('printable ASCII is never unusual', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
        expect(kindsIn(text)).toEqual([]);
      }),
    );
  });

  test('no invisible or reordering character ever stands in a plain part', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const plain = readCharacters(text).filter((part) => part.kind === 'plain');
        for (const part of plain) expect(part.text).not.toMatch(/[\p{C}\u2028\u2029]|(?! )\p{Zs}/u);
      }),
    );
  });

  test.each<[string, string, UnusualKind[]]>([
    ['an override that turns the text around', 'invoice\u202egpj.exe', ['bidi']],
    ['an isolate', '\u2066x\u2069', ['bidi', 'bidi']],
    ['a zero-width space', 'pay\u200bpal', ['zero-width']],
    ['a byte order mark', '\ufeffDE89', ['zero-width']],
    ['an escape sequence of a terminal', '\u001b[2J', ['control']],
    ['a tab', 'a\tb', ['control']],
    ['a bare carriage return', 'a\rb', ['control']],
    ['a soft hyphen', 'pay\u00adpal', ['format']],
    ['a tag character', 'ok\u{e0041}', ['tag']],
    ['a variation selector', 'a\ufe01', ['variation-selector']],
    ['a Hangul filler', '\u3164', ['filler']],
    ['a private-use character', '\ue000', ['private-use']],
    ['an unassigned code point', '\u0378', ['unassigned']],
    ['a no-break space', '1\u00a0000', ['space']],
    ['a lone surrogate', 'a\ud800b', ['lone-surrogate']],
    ['a Cyrillic letter in a Latin word', 'N\u043erdic', ['lookalike']],
    [
      'a whole word of Cyrillic that passes for Latin',
      'pay to \u0441\u043e\u0441\u043e',
      ['lookalike', 'lookalike', 'lookalike', 'lookalike'],
    ],
    ['a Greek letter in a Latin word', '\u0391cme', ['lookalike']],
    ['a Hebrew letter in a Latin word', 'a\u05d0', ['mixed-script']],
    ['a fullwidth digit', '\uff11', ['digit']],
    ['an Arabic digit', '\u0661', ['digit']],
    ['a ligature', 'o\ufb03ce', ['compatibility']],
    ['a decomposed letter', 'e\u0301', ['combining']],
  ])('%s is unusual', (_what, text, kinds) => {
    expect(kindsIn(text)).toEqual(kinds);
  });

  test.each([
    ['German', 'Müller & Söhne, Straße 3'],
    ['Polish', 'Łódź, zażółć gęślą jaźń'],
    ['Russian', 'Счёт № оплатить до пятницы'.replace('№', '')],
    ['Greek', 'Πληρωμή τιμολογίου'],
    ['Japanese', '東京の株式会社カタカナ'],
    ['line breaks', 'one\ntwo\r\nthree'],
  ])('ordinary %s is not unusual', (_what, text) => {
    expect(kindsIn(text)).toEqual([]);
  });

  test('a lookalike names the letter it passes for', () => {
    expect(unusualCharacters('\u0430cme')).toEqual([
      { kind: 'unusual', text: '\u0430', why: 'lookalike', looksLike: 'a' },
    ]);
  });

  test('a megabyte is read in well under a second', () => {
    const begun = performance.now();
    readCharacters('Zürich, \u202e'.repeat(100_000));
    expect(performance.now() - begun).toBeLessThan(3_000);
  });
});

test('code points are written as Unicode writes them', () => {
  expect(codePointsOf('\u202e\u{e0041}')).toBe('U+202E U+E0041');
});
