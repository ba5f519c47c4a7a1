/** Which marks are in sight now, and where. Time comes from outside, so that one clock drives everything. */

import type { MovingText, Picture, StaticText, WatermarkItem } from './items';
import { Spread, type Point } from './spread';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Point, Size {}

/** CSS pixels in the picture. */
export interface TextMark {
  readonly item: MovingText | StaticText;
  /** Null where it has no fixed place: `fraction` of the free room then. */
  readonly fraction: Point | null;
}

interface Course {
  readonly item: MovingText;
  readonly spread: Spread;
  place: Point;
  /** Milliseconds of the clock. */
  appeared: number;
}

export class Marks {
  readonly pictures: readonly Picture[];
  readonly #still: readonly StaticText[];
  readonly #courses: readonly Course[];
  #shown = '';

  constructor(items: readonly WatermarkItem[], now: number, spread: () => Spread = () => new Spread()) {
    this.pictures = items.filter((item) => item.type === 'image');
    this.#still = items.filter((item) => item.type === 'text');
    this.#courses = items
      .filter((item) => item.type === 'rtext')
      .map((item) => {
        const own = spread();
        return { item, spread: own, place: own.next(), appeared: now };
      });
  }

  /** Whether anything is to be drawn anew. `now` in milliseconds. */
  advance(now: number): boolean {
    for (const course of this.#courses) {
      if (now - course.appeared < course.item.interval + course.item.skip) continue;
      course.place = course.spread.next();
      course.appeared = now;
    }
    const shown = this.#courses.map((course) => (visible(course, now) ? course.appeared : -1)).join();
    const changed = shown !== this.#shown;
    this.#shown = shown;
    return changed;
  }

  texts(now: number): TextMark[] {
    return [
      ...this.#still.map((item) => ({ item, fraction: null })),
      ...this.#courses.filter((course) => visible(course, now)).map(({ item, place }) => ({ item, fraction: place })),
    ];
  }
}

function visible({ item, appeared }: Course, now: number): boolean {
  return now - appeared < item.interval;
}

/** Where something of `size` stands in a picture: at its place as far as it fits, or at a fraction of the free room. */
export function boxIn(picture: Box, size: Size, place: Point, fraction: Point | null): Box {
  const free = { x: Math.max(0, picture.width - size.width), y: Math.max(0, picture.height - size.height) };
  const x = fraction === null ? Math.min(place.x, free.x) : fraction.x * free.x;
  const y = fraction === null ? Math.min(place.y, free.y) : fraction.y * free.y;
  return { x: picture.x + x, y: picture.y + y, ...size };
}

/** The part of `stage` that a video of `intrinsic` size fills when it is fitted into it; all of it without a picture. */
export function pictureIn(stage: Size, intrinsic: Size): Box {
  if (intrinsic.width === 0 || intrinsic.height === 0) return { x: 0, y: 0, ...stage };
  const scale = Math.min(stage.width / intrinsic.width, stage.height / intrinsic.height);
  const [width, height] = [intrinsic.width * scale, intrinsic.height * scale];
  return { x: (stage.width - width) / 2, y: (stage.height - height) / 2, width, height };
}
