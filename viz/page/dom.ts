/** Making elements. Text only ever goes in as text, never as markup. */

interface Props {
  readonly class?: string;
  readonly text?: string;
  readonly title?: string;
  readonly attrs?: Readonly<Record<string, string>>;
  readonly onClick?: (event: MouseEvent) => void;
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (props.class) element.className = props.class;
  if (props.text !== undefined) element.textContent = props.text;
  if (props.title) element.title = props.title;
  for (const [name, value] of Object.entries(props.attrs ?? {})) element.setAttribute(name, value);
  if (props.onClick) (element as HTMLElement).addEventListener('click', props.onClick);
  element.append(...children);
  return element;
}

/** An element that the page's HTML must contain. */
export function byId<T extends Element = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no element #${id}.`);
  return element as unknown as T;
}

/** A coloured square for a state class. */
export function swatch(classCode: number): HTMLElement {
  return h('span', { class: `swatch class-${classCode}`, attrs: { 'aria-hidden': 'true' } });
}
