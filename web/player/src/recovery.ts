/** What to do when media do not come: try again, leave a hole out, or give up. Pure; times in milliseconds. */

import { PlayerError } from './errors';

export type Step =
  | { readonly kind: 'retry'; readonly delay: number }
  | { readonly kind: 'skip' }
  | { readonly kind: 'give-up'; readonly error: PlayerError };

const DELAYS = [1000, 2000, 4000, 8000];
/** Failures that far apart have nothing to do with each other. */
const FORGET = 20_000;
const PATIENCE = 60_000;
const MOST_SKIPS = 6;

const PASSING: ReadonlySet<string> = new Set(['NETWORK', 'STALLED', 'SERVICE_UNAVAILABLE', 'OFFLINE']);

export class Recovery {
  #first = 0;
  #last = -Infinity;
  #tries = 0;
  #skips = 0;

  /** After an error that ended streaming. Who is offline may wait for ever. */
  step(error: PlayerError, online: boolean, now: number): Step {
    if (now - this.#last > FORGET) this.#begin(now);
    this.#last = now;
    if (error.code === 'TITLE_UNAVAILABLE') return this.#hole(error);
    if (!PASSING.has(error.code)) return { kind: 'give-up', error };
    if (online && now - this.#first > PATIENCE) return { kind: 'give-up', error };
    const delay = DELAYS[Math.min(this.#tries, DELAYS.length - 1)] ?? 0;
    this.#tries += 1;
    return { kind: 'retry', delay };
  }

  #begin(now: number): void {
    this.#first = now;
    this.#tries = 0;
    this.#skips = 0;
  }

  /** The manifest was there: what is not found is a piece of the video, and no other rendition has it. */
  #hole(error: PlayerError): Step {
    this.#skips += 1;
    if (this.#skips <= MOST_SKIPS) return { kind: 'skip' };
    return { kind: 'give-up', error: new PlayerError('SEGMENT_MISSING', error.detail) };
  }
}
