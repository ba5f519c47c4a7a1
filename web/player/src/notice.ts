/** A line that is read out and shown for a while. */

import { button, region } from './dom';

const SECONDS = 6;

export class Notice {
  #timer = 0;

  /** `startOver` is offered beside it. */
  show(text: string, startOver: (() => void) | null = null): void {
    const again = button('#start-over');
    region('#notice-text').textContent = text;
    region('#notice').classList.add('shown');
    again.hidden = startOver === null;
    again.onclick = () => {
      startOver?.();
      this.hide();
    };
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.hide(), SECONDS * 1000);
  }

  hide(): void {
    const again = button('#start-over');
    // Whoever is about to press it keeps it.
    if (document.activeElement === again) return;
    region('#notice').classList.remove('shown');
    region('#notice-text').textContent = '';
    again.hidden = true;
  }
}
