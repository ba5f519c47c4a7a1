/** One look at the watermark: is it where it belongs, whole and on top? */

import { foreignCover } from './covers';
import { hasPseudoElement, sameBox, styleFinding, type Finding } from './computed';
import type { Layer } from './layer';
import type { Box } from './marks';

/** A pixel's worth of difference that rounding may make. */
const INK_TOLERANCE = 0.02;

export class Inspector {
  readonly #ours: ReadonlySet<Node>;
  readonly #styles: ReadonlyMap<Element, string>;

  /** `layer` is as it should be now. */
  constructor(private readonly layer: Layer) {
    const { stage, host, canvas } = layer;
    const page = [...document.body.children].filter((child) => /^(MAIN|SCRIPT|NOSCRIPT)$/.test(child.tagName) || child.matches('svg.sprite'));
    this.#ours = new Set([...page, ...stage.children]);
    this.#styles = new Map([host, canvas].map((element) => [element, element.style.cssText]));
  }

  look(): Finding | null {
    return this.#presence() ?? this.#style() ?? this.#geometry() ?? this.#order() ?? this.#paint();
  }

  #presence(): Finding | null {
    const { stage, host, canvas, shadow, video, pictures } = this.layer;
    if (!host.isConnected) return 'REMOVED';
    if (host.parentElement !== stage || stage.parentElement !== document.body) return 'MOVED';
    const expected = [canvas, ...pictures.map(({ image }) => image)];
    const inside = [...shadow.children];
    if (inside.length !== expected.length || expected.some((element, index) => inside[index] !== element)) return 'REPLACED';
    if (shadow.adoptedStyleSheets.length > 0) return 'RESTYLED';
    const whole = pictures.every(({ item, image }) => image.complete && image.naturalWidth > 0 && image.getAttribute('src') === item.url);
    if (!whole) return 'REPLACED';
    const shown = document.fullscreenElement;
    const elsewhere = document.pictureInPictureElement !== null || (shown !== null && !shown.contains(stage));
    return elsewhere || video.parentElement !== stage ? 'OUT_OF_STAGE' : null;
  }

  #style(): Finding | null {
    const { host, canvas, pictures } = this.layer;
    for (const [element, style] of this.#styles) {
      if ((element as HTMLElement).style.cssText !== style) return 'RESTYLED';
      const finding = styleFinding(element, 1);
      if (finding !== null) return finding;
    }
    for (const { item, image } of pictures) {
      const finding = styleFinding(image, item.alpha);
      if (finding !== null) return finding;
    }
    return hasPseudoElement(host) || hasPseudoElement(canvas) ? 'COVERED' : null;
  }

  #geometry(): Finding | null {
    const { stage, host, canvas, video, pictures, drawn } = this.layer;
    const room = stage.getBoundingClientRect();
    if ([host, canvas, video].some((element) => !sameBox(element.getBoundingClientRect(), room))) return 'MOVED';
    const placed = drawn.filter(({ ink }) => ink === null);
    const kept = pictures.every(({ image }, index) => {
      const box = placed[index]?.box;
      return box !== undefined && sameBox(image.getBoundingClientRect(), inViewport(box, room));
    });
    return kept ? null : 'MOVED';
  }

  #order(): Finding | null {
    const { stage, host, drawn } = this.layer;
    if (stage.lastElementChild !== host) return 'MOVED';
    if ([stage, document.body, document.documentElement].some(hasPseudoElement)) return 'COVERED';
    const room = stage.getBoundingClientRect();
    const boxes = drawn.map(({ box }) => inViewport(box, room));
    const places = boxes.length > 0 ? boxes : [room];
    const covered = foreignCover(this.#foreign(), places) || this.#hidesFromTouch(places);
    return covered ? 'COVERED' : null;
  }

  /** What is over the middle of a mark, when the canvas can be touched, is the canvas. */
  #hidesFromTouch(places: readonly Box[]): boolean {
    const { canvas, host } = this.layer;
    const style = canvas.style.cssText;
    canvas.style.pointerEvents = 'auto';
    const hidden = places.some(({ x, y, width, height }) => {
      const [across, down] = [x + width / 2, y + height / 2];
      if (across < 0 || down < 0 || across >= window.innerWidth || down >= window.innerHeight) return false;
      return document.elementFromPoint(across, down) !== host;
    });
    canvas.style.cssText = style;
    return hidden;
  }

  #foreign(): Element[] {
    const { stage } = this.layer;
    const roots = [...document.documentElement.children].filter((child) => !/^(HEAD|BODY)$/.test(child.tagName));
    return [...roots, ...document.body.children, ...stage.children].filter((child) => !this.#ours.has(child));
  }

  #paint(): Finding | null {
    const { layer } = this;
    const { width, height } = layer.stage.getBoundingClientRect();
    const scale = window.devicePixelRatio;
    const sized = layer.canvas.width === Math.max(1, Math.round(width * scale)) && layer.canvas.height === Math.max(1, Math.round(height * scale));
    if (!sized) return 'RESTYLED';
    const faded = layer.drawn.some(({ box, ink }) => ink !== null && Math.abs(layer.ink(box) - ink) > ink * INK_TOLERANCE);
    return faded ? 'ERASED' : null;
  }
}

function inViewport(box: Box, room: DOMRect): DOMRect {
  return new DOMRect(box.x + room.x, box.y + room.y, box.width, box.height);
}
