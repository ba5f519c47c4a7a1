/** A pop-up menu of which one entry is chosen, after the ARIA menu button pattern. */

import type { Choice } from './playing-tracks';

export class Menu {
  readonly #panel: HTMLElement;

  constructor(
    private readonly opener: HTMLButtonElement,
    private readonly onOpen: () => void,
  ) {
    this.#panel = document.createElement('div');
    this.#panel.className = 'menu';
    this.#panel.role = 'menu';
    this.#panel.hidden = true;
    this.#panel.ariaLabel = opener.ariaLabel;
    opener.after(this.#panel);
    opener.ariaHasPopup = 'menu';
    opener.ariaExpanded = 'false';
    opener.addEventListener('click', () => (this.open ? this.close() : this.#show()));
    this.#panel.addEventListener('keydown', (event) => this.#onKey(event));
  }

  get open(): boolean {
    return !this.#panel.hidden;
  }

  /** Hides the button where there is nothing to choose. */
  render(choices: readonly Choice[]): void {
    this.opener.hidden = choices.length === 0;
    const focused = this.#items().indexOf(document.activeElement as HTMLElement);
    this.#panel.replaceChildren(...choices.map((choice) => this.#entry(choice)));
    if (this.open && focused >= 0) this.#items()[focused]?.focus();
  }

  close(): void {
    if (!this.open) return;
    const hadFocus = this.#panel.contains(document.activeElement);
    this.#panel.hidden = true;
    this.opener.ariaExpanded = 'false';
    if (hadFocus) this.opener.focus();
  }

  #show(): void {
    this.onOpen();
    this.#panel.hidden = false;
    this.opener.ariaExpanded = 'true';
    (this.#panel.querySelector<HTMLElement>('[aria-checked="true"]') ?? this.#items()[0])?.focus();
  }

  #items(): HTMLElement[] {
    return [...this.#panel.querySelectorAll<HTMLElement>('button')];
  }

  #entry(choice: Choice): HTMLElement {
    const entry = document.createElement('button');
    entry.type = 'button';
    entry.role = 'menuitemradio';
    entry.ariaChecked = String(choice.active);
    entry.tabIndex = -1;
    entry.dir = 'auto';
    entry.textContent = choice.label;
    entry.addEventListener('click', () => {
      choice.choose();
      this.close();
    });
    return entry;
  }

  #onKey(event: KeyboardEvent): void {
    const items = this.#items();
    const here = items.indexOf(document.activeElement as HTMLElement);
    const target = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 }[event.key];
    if (event.key === 'Escape') this.close();
    else if (target !== undefined) items.at(target % items.length)?.focus();
    else if (event.key !== 'Enter' && event.key !== ' ') return;
    event.stopPropagation();
    if (target !== undefined) event.preventDefault();
  }
}
