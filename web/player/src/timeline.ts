/** The seek bar: position, what is buffered, and the storyboard's picture under the pointer. */

import { element, region } from './dom';
import type { Preview } from './playback';
import { clock, spokenPosition } from './time';

export class Timeline {
  readonly #slider = element('#seek', HTMLInputElement);
  readonly #preview = region('#preview');
  readonly #picture = region('#preview-picture');
  readonly #previewTime = region('#preview-time');
  #pointerAt = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly previewAt: (seconds: number) => Promise<Preview | null>,
  ) {
    this.#slider.addEventListener('input', () => (video.currentTime = Number(this.#slider.value)));
    for (const change of ['timeupdate', 'seeking', 'durationchange', 'progress', 'loadedmetadata']) {
      video.addEventListener(change, () => this.#render());
    }
    this.#slider.addEventListener('pointermove', (event) => void this.#showPreview(event));
    this.#slider.addEventListener('pointerleave', () => (this.#preview.hidden = true));
  }

  get #duration(): number {
    return Number.isFinite(this.video.duration) ? this.video.duration : 0;
  }

  #render(): void {
    const { currentTime } = this.video;
    this.#slider.max = String(this.#duration);
    this.#slider.value = String(currentTime);
    this.#slider.ariaValueText = spokenPosition(currentTime, this.#duration);
    this.#slider.style.setProperty('--played', percent(currentTime, this.#duration));
    this.#slider.style.setProperty('--buffered', percent(this.#bufferedUntil(currentTime), this.#duration));
    region('#time').textContent = `${clock(currentTime)} / ${clock(Math.round(this.#duration))}`;
  }

  #bufferedUntil(position: number): number {
    const { buffered } = this.video;
    for (let index = 0; index < buffered.length; index += 1) {
      if (buffered.start(index) <= position + 0.1 && position < buffered.end(index)) return buffered.end(index);
    }
    return position;
  }

  async #showPreview(event: PointerEvent): Promise<void> {
    const box = this.#slider.getBoundingClientRect();
    const fraction = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const seconds = fraction * this.#duration;
    this.#pointerAt = seconds;
    const preview = await this.previewAt(seconds);
    if (this.#pointerAt !== seconds) return; // the pointer has moved on meanwhile
    this.#previewTime.textContent = clock(seconds);
    this.#preview.hidden = false;
    this.#paint(preview);
    const half = this.#preview.offsetWidth / 2;
    const left = Math.min(box.width - half, Math.max(half, fraction * box.width));
    this.#preview.style.left = `${left}px`;
  }

  #paint(preview: Preview | null): void {
    this.#picture.hidden = preview === null;
    if (preview === null) return;
    const { style } = this.#picture;
    style.width = `${preview.width}px`;
    style.height = `${preview.height}px`;
    style.backgroundImage = `url(${JSON.stringify(preview.url)})`;
    style.backgroundPosition = `-${preview.x}px -${preview.y}px`;
  }
}

function percent(part: number, whole: number): string {
  return whole > 0 ? `${(100 * part) / whole}%` : '0%';
}
