/** The surface that the marks are on: a canvas and pictures in a closed shadow root above everything in the stage. */

import type { Picture } from './items';
import { boxIn, pictureIn, type Box, type TextMark } from './marks';

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
const OVERALL =
  'all: initial !important; position: absolute !important; inset: 0 !important; display: block !important; ' +
  'width: 100% !important; height: 100% !important; z-index: 2147483647 !important; pointer-events: none !important;';
const CANVAS = 'position: absolute; inset: 0; width: 100%; height: 100%; display: block; pointer-events: none;';

/** What a mark looked like when it was drawn. */
export interface Drawn {
  /** CSS pixels in the stage. */
  readonly box: Box;
  /** Null for what is an element of its own. */
  readonly ink: number | null;
}

export class Layer {
  readonly host = document.createElement('div');
  readonly canvas = document.createElement('canvas');
  readonly pictures: readonly { readonly item: Picture; readonly image: HTMLImageElement }[];
  readonly shadow: ShadowRoot;
  drawn: readonly Drawn[] = [];

  // Read back several times a second to see that it is still there: faster where the processor has it.
  readonly #context: CanvasRenderingContext2D;
  #scale = 1;
  #fitted = '';

  constructor(
    readonly stage: HTMLElement,
    readonly video: HTMLVideoElement,
    pictures: readonly Picture[],
  ) {
    this.shadow = this.host.attachShadow({ mode: 'closed' });
    this.host.ariaHidden = 'true';
    this.host.style.cssText = OVERALL;
    this.canvas.style.cssText = CANVAS;
    const context = this.canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) throw new TypeError('no canvas');
    this.#context = context;
    this.pictures = pictures.map((item) => ({ item, image: pictureOf(item) }));
    this.shadow.append(this.canvas, ...this.pictures.map(({ image }) => image));
  }

  attach(): void {
    this.stage.append(this.host);
  }

  /** Rejects when a picture cannot be loaded: a mark that can be blocked is none. */
  async load(): Promise<void> {
    await Promise.all(this.pictures.map(async ({ image }) => image.decode()));
  }

  get picture(): Box {
    const { width, height } = this.stage.getBoundingClientRect();
    return pictureIn({ width, height }, { width: this.video.videoWidth, height: this.video.videoHeight });
  }

  /** Whether the room has changed since the last time, and all is to be drawn anew. */
  fit(): boolean {
    const { width, height } = this.stage.getBoundingClientRect();
    const { x, y, width: across } = this.picture;
    const fitted = [width, height, x, y, across, window.devicePixelRatio].join();
    if (fitted === this.#fitted) return false;
    this.#fitted = fitted;
    this.#scale = window.devicePixelRatio;
    this.canvas.width = Math.max(1, Math.round(width * this.#scale));
    this.canvas.height = Math.max(1, Math.round(height * this.#scale));
    return true;
  }

  draw(texts: readonly TextMark[]): void {
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(this.#scale, 0, 0, this.#scale, 0, 0);
    const boxes = texts.map((mark) => this.#write(mark));
    this.drawn = [
      ...boxes.map((box) => ({ box, ink: this.ink(box) })),
      ...this.pictures.map(({ item, image }) => ({ box: this.#place(item, image), ink: null })),
    ];
  }

  /** How much is painted in a box: the sum of the canvas's opacities there. */
  ink(box: Box): number {
    const [x, y] = [Math.floor(box.x * this.#scale), Math.floor(box.y * this.#scale)];
    const [width, height] = [Math.ceil(box.width * this.#scale), Math.ceil(box.height * this.#scale)];
    const { data } = this.#context.getImageData(x, y, Math.max(1, width), Math.max(1, height));
    let sum = 0;
    for (let index = 3; index < data.length; index += 4) sum += data[index] ?? 0;
    return sum;
  }

  #write({ item, fraction }: TextMark): Box {
    const context = this.#context;
    const { picture } = this;
    context.textBaseline = 'top';
    context.textAlign = 'left';
    context.font = `${item.size}px ${FONT}`;
    // What is wider than the picture is written smaller, not cut off.
    const size = item.size * Math.min(1, picture.width / Math.max(1, context.measureText(item.text).width));
    context.font = `${size}px ${FONT}`;
    const extent = { width: context.measureText(item.text).width, height: size * 1.25 };
    const fixed = item.type === 'text' ? item : { x: 0, y: 0 };
    const box = boxIn(picture, extent, fixed, fraction);
    context.globalAlpha = item.alpha;
    context.fillStyle = item.color;
    context.fillText(item.text, box.x, box.y);
    return box;
  }

  #place(item: Picture, image: HTMLImageElement): Box {
    const { picture } = this;
    const scale = Math.min(1, picture.width / image.naturalWidth, picture.height / image.naturalHeight);
    const extent = { width: image.naturalWidth * scale, height: image.naturalHeight * scale };
    const box = boxIn(picture, extent, item, null);
    image.style.cssText =
      `position: absolute; display: block; pointer-events: none; opacity: ${item.alpha}; ` +
      `left: ${box.x}px; top: ${box.y}px; width: ${box.width}px; height: ${box.height}px;`;
    return box;
  }
}

function pictureOf(item: Picture): HTMLImageElement {
  const image = document.createElement('img');
  image.alt = '';
  image.referrerPolicy = 'no-referrer';
  image.src = item.url;
  return image;
}
