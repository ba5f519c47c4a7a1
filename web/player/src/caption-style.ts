/** How captions look; styles.css has a rule for each. Kept for the next video. */

import { say, type Word } from './i18n/messages';
import { keep, kept } from './kept';
import type { Choice } from './playing-tracks';

const STYLES = ['small', 'standard', 'large', 'largest', 'contrast'] as const satisfies readonly Word[];
const KEY = 'captions';

export class CaptionStyle {
  constructor(private readonly stage: HTMLElement) {
    this.#use(STYLES.find((style) => style === kept(KEY)) ?? 'standard');
  }

  choices(): Choice[] {
    return STYLES.map((style) => ({
      label: say(style),
      active: this.stage.dataset['captions'] === style,
      choose: () => {
        this.#use(style);
        keep(KEY, style);
      },
    }));
  }

  #use(style: string): void {
    this.stage.dataset['captions'] = style;
  }
}
