/** What a finger does on the picture: a tap shows the controls, two taps at a side jump. */

const DOUBLE_TAP_MS = 300;
const JUMP = 10;

export type Tap = { readonly kind: 'wake' } | { readonly kind: 'seek-by'; readonly seconds: number };

export class Taps {
  #last = { at: -Infinity, side: 0 };

  /** `fraction` of the picture's width from the left, `at` in milliseconds. */
  tap(fraction: number, at: number): Tap {
    const side = fraction < 0.35 ? -1 : fraction > 0.65 ? 1 : 0;
    const again = side !== 0 && side === this.#last.side && at - this.#last.at <= DOUBLE_TAP_MS;
    this.#last = { at, side };
    return again ? { kind: 'seek-by', seconds: side * JUMP } : { kind: 'wake' };
  }
}

export function isTouch(event: MouseEvent): boolean {
  return 'pointerType' in event && event.pointerType === 'touch';
}
