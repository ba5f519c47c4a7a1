/** Which seconds of the video have been played, and how much in all. */

/** A step that is longer than this is a jump, not playing: media seconds. */
const LONGEST_STEP = 5;

export class Coverage {
  #counts: number[] = [];
  #total = 0;
  #last: number | null = null;

  /** Wherever the playing video is now, in seconds. */
  at(position: number): void {
    const step = this.#last === null ? 0 : position - this.#last;
    if (step > 0 && step <= LONGEST_STEP) {
      this.#total += step;
      for (let second = Math.floor(this.#last ?? 0) + 1; second <= Math.floor(position); second += 1) this.#count(second);
    } else this.#count(Math.floor(position));
    this.#last = position;
  }

  /** After a seek or a pause the next position begins anew. */
  interrupt(): void {
    this.#last = null;
  }

  /** Seconds, repetitions included. */
  get total(): number {
    return this.#total;
  }

  /** Seconds that were played at least once. */
  get covered(): number {
    return this.#counts.filter((count) => count > 0).length;
  }

  /** How often each second was played. */
  get counts(): number[] {
    return Array.from(this.#counts, (count) => count ?? 0);
  }

  #count(second: number): void {
    this.#counts[second] = (this.#counts[second] ?? 0) + 1;
  }
}
