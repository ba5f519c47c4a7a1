/** The page's state, readable from outside: as data attributes of <html> and as `window.sealcast`. */

import type { PlayerError } from './errors';

export type State = 'loading' | 'ready' | 'playing' | 'paused' | 'ended' | 'error';

export interface Inspection {
  readonly state: State;
  readonly errorCode: string | null;
  readonly keyStatuses: Readonly<Record<string, string>>;
}

declare global {
  interface Window {
    readonly sealcast?: Inspection;
  }
}

export class Status {
  onChange: (state: State) => void = () => {};

  #state: State = 'loading';
  #errorCode: string | null = null;

  constructor(private readonly root: HTMLElement) {
    this.set('loading');
  }

  get failed(): boolean {
    return this.#state === 'error';
  }

  /** An error is final until the page is loaded again. */
  set(state: State): void {
    if (this.failed) return;
    this.#state = state;
    this.root.dataset['state'] = state;
    this.onChange(state);
  }

  fail(error: PlayerError): void {
    this.set('error');
    this.#errorCode = error.code;
    this.root.dataset['errorCode'] = error.code;
  }

  /** For tests, support and embedding pages; read-only. */
  publish(keyStatuses: () => Record<string, string>): void {
    const read = {
      state: { get: () => this.#state, enumerable: true },
      errorCode: { get: () => this.#errorCode, enumerable: true },
      keyStatuses: { get: () => Object.freeze(keyStatuses()), enumerable: true },
    };
    const inspection = Object.freeze(Object.defineProperties({}, read));
    Object.defineProperty(window, 'sealcast', { value: inspection, enumerable: true });
  }
}
