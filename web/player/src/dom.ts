/** Typed look-up in the static page. A missing element is a bug in index.html, found at once. */

export function element<T extends Element>(selector: string, type: abstract new () => T): T {
  const found = document.querySelector(selector);
  if (!(found instanceof type)) throw new TypeError(`index.html has no ${selector}`);
  return found;
}

export const button = (selector: string): HTMLButtonElement => element(selector, HTMLButtonElement);
export const region = (selector: string): HTMLElement => element(selector, HTMLElement);
