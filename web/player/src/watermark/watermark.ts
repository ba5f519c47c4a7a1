/** The viewer's mark over the picture: draws it, moves it, and watches that nobody tampers with it. */

import { Inspector } from './inspection';
import type { Finding } from './computed';
import type { WatermarkItem } from './items';
import { Layer } from './layer';
import { Marks } from './marks';

/** Milliseconds between two looks; noticed is promised within 500. */
const TICK = 100;
/** A window that is resized, or goes full screen, may be between two layouts: a finding counts when it is there twice. */
const SECOND_LOOK = 50;

/** What the server is told with each heartbeat. */
export interface WatermarkReport {
  readonly state: 'shown' | 'tampered';
  /** How often it was looked at, and found, since the last report. */
  readonly checks: number;
  readonly finding: Finding | null;
}

export class Watermark {
  readonly #layer: Layer;
  readonly #marks: Marks;
  readonly #inspector: Inspector;
  readonly #observer: MutationObserver;
  #timer = 0;
  #doubted = false;
  #checks = 0;
  #rested = false;
  #finding: Finding | null = null;

  private constructor(
    layer: Layer,
    items: readonly WatermarkItem[],
    private readonly onTampering: (finding: Finding) => void,
  ) {
    this.#layer = layer;
    this.#marks = new Marks(items, performance.now());
    this.#draw(performance.now());
    this.#inspector = new Inspector(layer);
    this.#observer = new MutationObserver(() => this.#tick());
    // A timer that somebody stops is no excuse: the playing video itself keeps time as well.
    layer.video.addEventListener('timeupdate', this.#tick);
    window.addEventListener('resize', this.#tick);
    document.addEventListener('fullscreenchange', this.#tick);
    this.#timer = window.setInterval(this.#tick, TICK);
    this.#observer.observe(layer.stage, { childList: true });
    this.#observer.observe(layer.host, { attributes: true });
    this.#observer.observe(layer.shadow, { childList: true, characterData: true });
  }

  /** In place of `before`, when the marks can be drawn. `onTampering` is called once. Rejects where a picture is missing. */
  static async over(
    stage: HTMLElement,
    video: HTMLVideoElement,
    items: readonly WatermarkItem[],
    onTampering: (finding: Finding) => void,
    before: Watermark | null = null,
  ): Promise<Watermark> {
    // Pictures are fetched before anything plays; a picture in a window of its own would leave the mark behind.
    video.disablePictureInPicture = true;
    const layer = new Layer(stage, video, items.filter((item) => item.type === 'image'));
    await layer.load();
    if (before !== null) before.#dispose();
    layer.attach();
    return new Watermark(layer, items, onTampering);
  }

  /** What was found since the last report. */
  report(): WatermarkReport {
    const checks = this.#checks;
    this.#checks = 0;
    return { state: this.#finding === null ? 'shown' : 'tampered', checks, finding: this.#finding };
  }

  readonly #tick = (): void => {
    if (this.#rested) return;
    const now = performance.now();
    const resized = this.#layer.fit();
    if (this.#marks.advance(now) || resized) this.#draw(now);
    const finding = this.#inspector.look();
    if (finding === null) {
      this.#doubted = false;
      this.#checks += 1;
    } else if (this.#doubted) this.#found(finding);
    else {
      this.#doubted = true;
      window.setTimeout(this.#tick, SECOND_LOOK);
    }
  };

  #draw(now: number): void {
    this.#layer.fit();
    this.#marks.advance(now);
    this.#layer.draw(this.#marks.texts(now));
  }

  #found(finding: Finding): void {
    this.#finding = finding;
    this.#dispose();
    this.onTampering(finding);
  }

  #rest(): void {
    this.#rested = true;
    window.clearInterval(this.#timer);
    this.#observer.disconnect();
    this.#layer.video.removeEventListener('timeupdate', this.#tick);
    window.removeEventListener('resize', this.#tick);
    document.removeEventListener('fullscreenchange', this.#tick);
  }

  #dispose(): void {
    this.#rest();
    this.#layer.host.remove();
  }
}
