import { SaxesParser } from 'saxes';
import { DeskRefusal } from '../desk/desk-refusal.ts';

export const maxXmlCharacters = 500_000;
export const maxXmlDepth = 24;
export const maxXmlElements = 20_000;

export interface XmlElement {
  /** Local name; prefixes are the writer's choice and mean nothing. */
  readonly name: string;
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Builds a small tree of an XML document. Only the five predefined entities are known; a document type
 * declaration is refused where it begins, so nothing is ever expanded or fetched. Throws a DeskRefusal.
 */
export function readXml(text: string): XmlElement {
  if (text.length > maxXmlCharacters) throw new DeskRefusal(`the XML is larger than ${maxXmlCharacters} characters`);
  // A declaration inside a comment or CDATA section is no use to anybody honest, so this errs on the safe side.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw new DeskRefusal('the XML declares a document type, which is refused');
  const parser = new SaxesParser({ xmlns: true });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  parser.on('error', (error) => {
    throw new DeskRefusal(`the XML is not well-formed: ${error.message}`);
  });
  parser.on('opentag', (tag) => {
    elements += 1;
    if (elements > maxXmlElements) throw new DeskRefusal(`the XML has more than ${maxXmlElements} elements`);
    if (open.length >= maxXmlDepth) throw new DeskRefusal(`the XML nests deeper than ${maxXmlDepth}`);
    const attributes = new Map(Object.values(tag.attributes).map(({ local, value }) => [local, value]));
    const element: XmlElement = { name: tag.local, namespace: tag.uri, attributes, children: [], text: '' };
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  const append = (piece: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser.on('text', append);
  parser.on('cdata', append);
  parser.write(text).close();
  if (root === undefined) throw new DeskRefusal('the XML holds no element');
  return root;
}

/** The first element at the end of a path of local names below `from`. */
export function elementAt(from: XmlElement, ...path: readonly string[]): XmlElement | undefined {
  let here: XmlElement | undefined = from;
  for (const name of path) here = here?.children.find((child) => child.name === name);
  return here;
}

/** Its text without surrounding space; undefined where the element is missing or empty. */
export function textAt(from: XmlElement, ...path: readonly string[]): string | undefined {
  const text = elementAt(from, ...path)?.text.trim();
  return text === undefined || text === '' ? undefined : text;
}
