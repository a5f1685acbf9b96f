import {
  DOMImplementation,
  DOMParser,
  type Document,
  type Element,
  XMLSerializer,
} from '@xmldom/xmldom';
import { libvirtFault } from './faults.ts';

/** An XML element to be: its name, attributes and children. Undefined ones are left out. */
export interface XmlElement {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string | number | undefined>>;
  readonly children?: readonly (XmlElement | string | undefined)[];
}

export function element(
  name: string,
  attributes: XmlElement['attributes'] = {},
  ...children: (XmlElement | string | undefined)[]
): XmlElement {
  return { name, attributes, children };
}

/** Serialises an element; whatever text it holds is escaped by the library. */
export function toXml(root: XmlElement): string {
  const document = new DOMImplementation().createDocument(null, root.name);
  if (document.documentElement) fill(document, document.documentElement, root);
  return new XMLSerializer().serializeToString(document);
}

function fill(document: Document, target: Element, spec: XmlElement): void {
  for (const [name, value] of Object.entries(spec.attributes ?? {})) {
    if (value !== undefined) target.setAttribute(name, String(value));
  }
  for (const child of spec.children ?? []) {
    if (child === undefined) continue;
    if (typeof child === 'string') {
      target.appendChild(document.createTextNode(child));
    } else {
      const inner = document.createElement(child.name);
      fill(document, inner, child);
      target.appendChild(inner);
    }
  }
}

/** Reads a document of libvirt's; throws `LIBVIRT_MALFORMED` when it is no XML. */
export function parseXml(text: string): Element {
  try {
    const parser = new DOMParser({
      // libvirt writes XML 1.0, whose line ends are these two (2.11). The library's own rule is that of
      // XML 1.1, which would also take U+0085, U+2028 and U+2029 in a name for a line's end.
      normalizeLineEndings: (document) => document.replace(/\r\n?/g, '\n'),
      onError: (level, message) => {
        if (level !== 'warning') throw new Error(message);
      },
    });
    const root = parser.parseFromString(text, 'text/xml').documentElement;
    if (root) return root;
  } catch (cause) {
    throw libvirtFault('LIBVIRT_MALFORMED', `no XML: ${(cause as Error).message}`);
  }
  throw libvirtFault('LIBVIRT_MALFORMED', 'an empty XML document');
}

/** An element of a document that was read, with all that it holds. */
export function textOf(found: Element): string {
  return new XMLSerializer().serializeToString(found);
}

/** The child elements with a name. */
export function childrenOf(parent: Element, name: string): readonly Element[] {
  return [...parent.childNodes].filter(
    (node): node is Element => node.nodeType === node.ELEMENT_NODE && node.nodeName === name,
  );
}
