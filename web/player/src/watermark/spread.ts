/** Places that are spread evenly and that nobody can foretell. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Random = () => number;

const SIDE = 4;

/** [0, 1), from the browser's cryptographic generator. */
export const cryptoRandom: Random = () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;

/**
 * Jittered, shuffled strata: the unit square in 4 × 4 cells, each visited once a round in random order, at a random
 * place within it. Any 16 places in a row of one round cover the picture; crops can spare themselves no part of it.
 */
export class Spread {
  #cells: number[] = [];
  #last = -1;

  constructor(private readonly random: Random = cryptoRandom) {}

  /** Both coordinates in [0, 1). */
  next(): Point {
    if (this.#cells.length === 0) this.#cells = this.#shuffled();
    const cell = this.#cells.pop() ?? 0;
    this.#last = cell;
    return {
      x: ((cell % SIDE) + this.random()) / SIDE,
      y: (Math.floor(cell / SIDE) + this.random()) / SIDE,
    };
  }

  /** Fisher and Yates. A round never begins where the last one ended. */
  #shuffled(): number[] {
    const cells = Array.from({ length: SIDE * SIDE }, (_, cell) => cell);
    for (let end = cells.length - 1; end > 0; end -= 1) swap(cells, end, Math.floor(this.random() * (end + 1)));
    if (cells.at(-1) === this.#last) swap(cells, cells.length - 1, 0);
    return cells;
  }
}

function swap(cells: number[], one: number, other: number): void {
  [cells[one], cells[other]] = [cells[other] ?? 0, cells[one] ?? 0];
}
