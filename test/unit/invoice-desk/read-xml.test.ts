import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeskRefusal } from '../../../examples/invoice-desk/desk/desk-refusal.ts';
import {
  maxXmlCharacters,
  maxXmlDepth,
  maxXmlElements,
  readXml,
  textAt,
} from '../../../examples/invoice-desk/invoice/read-xml.ts';

const laughs = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>`;

describe('refused', () => {
  test.each([
    ['entity expansion', laughs],
    ['an external entity', `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>`],
    ['an external document type', `<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><a/>`],
    ['a document type in lower case', '<!doctype a><a/>'],
    ['an entity that is not predefined', '<a>&nbsp;</a>'],
    ['an unclosed element', '<a><b></a>'],
    ['two roots', '<a/><b/>'],
    ['an undeclared prefix', '<x:a/>'],
    ['nothing', ''],
    ['too deep a tree', '<a>'.repeat(maxXmlDepth + 1) + '</a>'.repeat(maxXmlDepth + 1)],
    ['too many elements', `<a>${'<b/>'.repeat(maxXmlElements)}</a>`],
    ['too long a document', `<a>${' '.repeat(maxXmlCharacters)}</a>`],
  ])('%s is refused', (_, xml) => {
    expect(() => readXml(xml)).toThrow(DeskRefusal);
  });
});

test('the five predefined entities, character references and CDATA are text', () => {
  expect(readXml('<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;<![CDATA[<c>]]></a>').text).toBe(`<>&"'AB<c>`);
});

test('names are compared without their prefix, with their namespace beside them', () => {
  const root = readXml('<p:a xmlns:p="urn:x"><q:b xmlns:q="urn:y"> text </q:b></p:a>');
  expect([root.name, root.namespace, textAt(root, 'b')]).toEqual(['a', 'urn:x', 'text']);
});

test('any text is either a tree or a refusal', () => {
  const pieces = fc.constantFrom(
    '<a>',
    '</a>',
    '<b x="1"/>',
    '&amp;',
    '&x;',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?x ?>',
    't',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      expect(['a', 'b', 'refused']).toContain(rootOrRefusal(parts.join('')));
    }),
  );
});

function rootOrRefusal(xml: string): string {
  try {
    return readXml(xml).name;
  } catch (error) {
    if (error instanceof DeskRefusal) return 'refused';
    throw error;
  }
}
