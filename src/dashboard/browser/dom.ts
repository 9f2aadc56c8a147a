/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** A page from values: elements are made anew, and only what differs is changed, so that focus and open parts stay. */

type Child = Node | string | null | false;
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

const svgNamespace = 'http://www.w3.org/2000/svg';

/** An element. Attributes that are null, undefined or false are left out; texts are never read as HTML. */
export function h(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElement {
  return fill(document.createElement(tag), attributes, children);
}

/** As `h`, in SVG. */
export function s(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): SVGElement {
  return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

function fill<T extends Element>(element: T, attributes: Attributes, children: readonly Child[]): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== false));
  return element;
}

/** Makes the children of `target` those of `wanted`. */
export function patchChildren(target: Element, wanted: Element): void {
  const old = new Map<string, Element>();
  for (const child of target.children) {
    const key = keyOf(child);
    if (key !== null) old.set(key, child);
  }
  let at: ChildNode | null = target.firstChild;
  for (const next of [...wanted.childNodes]) {
    const known = old.get(keyOf(next) ?? '');
    if (known !== undefined && known !== at) {
      target.insertBefore(known, at);
      patch(known, next as Element);
      continue;
    }
    if (at === null || !isAlike(at, next)) {
      target.insertBefore(next, at);
      continue;
    }
    const following: ChildNode | null = at.nextSibling;
    patch(at, next);
    at = following;
  }
  while (at !== null) {
    const following: ChildNode | null = at.nextSibling;
    at.remove();
    at = following;
  }
}

function keyOf(node: Node): string | null {
  return node instanceof Element ? node.getAttribute('data-key') : null;
}

function isAlike(left: Node, right: Node): boolean {
  return left.nodeName === right.nodeName && keyOf(left) === keyOf(right);
}

function patch(from: Node, to: Node): void {
  if (!(from instanceof Element) || !(to instanceof Element)) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  // Whether it is open is the reader's choice once it is there.
  const isTheirs = (name: string) => name === 'open' && from.nodeName === 'DETAILS';
  for (const { name } of [...from.attributes])
    if (!to.hasAttribute(name) && !isTheirs(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value && !isTheirs(name)) from.setAttribute(name, value);
  }
  patchChildren(from, to);
}
