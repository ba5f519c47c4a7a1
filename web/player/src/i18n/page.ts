/** Writes the static page's texts in the language that is spoken: `data-say` the text, `data-label` the name. */

import { say, spokenLanguage, type Word } from './messages';

export function translatePage(root: HTMLElement): void {
  const { code, direction } = spokenLanguage();
  root.lang = code;
  root.dir = direction;
  for (const element of root.querySelectorAll<HTMLElement>('[data-say]')) {
    const seconds = element.dataset['seconds'];
    element.textContent = say(element.dataset['say'] as Word, seconds === undefined ? {} : { seconds });
  }
  for (const element of root.querySelectorAll<HTMLElement>('[data-label]')) {
    element.ariaLabel = say(element.dataset['label'] as Word);
  }
}
