/** Lite mode: nothing is asked of any server until somebody presses play. */

import { button } from './dom';

export interface Pressed extends Promise<void> {
  press(): void;
}

/** Resolves at the first press of the big button, or of an embedding page; at once when not `lite`. */
export function pressed(lite: boolean): Pressed {
  let press = (): void => {};
  const promise = new Promise<void>((resolve) => (press = resolve));
  if (lite) {
    document.documentElement.dataset['state'] = 'lite';
    button('#big-play').addEventListener('click', press, { once: true });
  } else press();
  return Object.assign(promise, { press });
}
