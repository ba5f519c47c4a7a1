/** Carries a Recovery's decisions out on the playing video. */

import type { PlayerError } from './errors';
import { say } from './i18n/messages';
import type { Notice } from './notice';
import { Recovery } from './recovery';

/** Seconds that are left out at a time: about a segment. */
const HOLE = 2;
/** Seconds before what is buffered ends. */
const EDGE = 0.4;

export class StreamingFaults {
  readonly #recovery = new Recovery();
  #timer = 0;

  /** `retry` asks for media again; `giveUp` is called with what ends playback. */
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly notice: Notice,
    private readonly retry: () => void,
    private readonly giveUp: (error: PlayerError) => void,
  ) {
    window.addEventListener('online', () => this.#again(0));
  }

  readonly handle = (error: PlayerError): void => {
    const step = this.#recovery.step(error, navigator.onLine, performance.now());
    if (step.kind === 'give-up') return this.giveUp(step.error);
    if (step.kind === 'skip') return this.#skipWhenReached();
    this.notice.show(say('reconnecting'));
    this.#again(step.delay);
  };

  #again(delay: number): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(this.retry, delay);
  }

  /** What is there before the hole is played first. */
  #skipWhenReached(): void {
    const { video } = this;
    const end = bufferedEnd(video);
    if (video.currentTime < end - EDGE && !video.paused) {
      video.addEventListener('timeupdate', () => this.#skipWhenReached(), { once: true });
      return;
    }
    video.currentTime = Math.min(video.duration, Math.max(end, video.currentTime) + HOLE);
    this.#again(0);
  }
}

/** Seconds: how far it can play from here. */
function bufferedEnd({ buffered, currentTime }: HTMLVideoElement): number {
  for (let index = 0; index < buffered.length; index += 1) {
    if (buffered.start(index) <= currentTime + EDGE && currentTime <= buffered.end(index)) return buffered.end(index);
  }
  return currentTime;
}
