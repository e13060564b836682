/**
 * Creates an element.
 *
 * @param tag - name of the element, and its classes: `"p.quiet"`.
 * @param children - texts and elements. A text is never read as HTML.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag | `${Tag}.${string}`,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const [name, ...classes] = tag.split(".") as [Tag, ...string[]];
  const created = document.createElement(name);
  created.classList.add(...classes);
  created.append(...children);
  return created;
}

/**
 * Finds an element of the page by a selector.
 *
 * @throws Error if there is no such element.
 */
export function find(selector: string, within: ParentNode = document): HTMLElement {
  const found = within.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`The page has no element ${selector}.`);
  return found;
}
