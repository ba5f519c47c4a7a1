/** Items of VdoCipher's `annotate` as this page draws them. Values come as strings or as numbers. */

interface Placed {
  /** CSS pixels from the picture's top left. */
  readonly x: number;
  readonly y: number;
}

interface Written {
  readonly text: string;
  /** "#rrggbb" */
  readonly color: string;
  /** Height of the font in CSS pixels. */
  readonly size: number;
}

interface Item {
  /** 0 to 1. */
  readonly alpha: number;
}

export interface MovingText extends Item, Written {
  readonly type: 'rtext';
  /** Milliseconds at one place. */
  readonly interval: number;
  /** Milliseconds without the mark before it appears at the next place. */
  readonly skip: number;
}

export interface StaticText extends Item, Written, Placed {
  readonly type: 'text';
}

export interface Picture extends Item, Placed {
  readonly type: 'image';
  readonly url: string;
}

export type WatermarkItem = MovingText | StaticText | Picture;

const WHITE = '#ffffff';
const SIZE = { standard: 15, least: 4, most: 400 };
const INTERVAL = { standard: 5000, least: 250, most: 24 * 3600 * 1000 };
const LONGEST_SKIP = 3600 * 1000;
const FARTHEST = 10_000;

/** Items of a type that is not known, and items without a text or an address, draw nothing: they are left out. */
export function watermarkItems(value: unknown): WatermarkItem[] {
  return Array.isArray(value) ? value.map(parsed).filter((item) => item !== null) : [];
}

function parsed(value: unknown): WatermarkItem | null {
  if (typeof value !== 'object' || value === null) return null;
  const item = value as Record<string, unknown>;
  const alpha = number(item['alpha'], 1, 0, 1);
  if (item['type'] === 'image') {
    const url = item['url'];
    return typeof url === 'string' && url.trim() !== '' ? { type: 'image', url, alpha, ...place(item) } : null;
  }
  const text = item['text'];
  if (typeof text !== 'string' || text.trim() === '') return null;
  const written = { text, alpha, color: color(item['color']), size: number(item['size'], SIZE.standard, SIZE.least, SIZE.most) };
  if (item['type'] === 'text') return { type: 'text', ...written, ...place(item) };
  if (item['type'] !== 'rtext') return null;
  const interval = number(item['interval'], INTERVAL.standard, INTERVAL.least, INTERVAL.most);
  return { type: 'rtext', ...written, interval, skip: number(item['skip'], 0, 0, LONGEST_SKIP) };
}

function place(item: Record<string, unknown>): Placed {
  return { x: number(item['x'], 0, 0, FARTHEST), y: number(item['y'], 0, 0, FARTHEST) };
}

/** `standard` for what is no number; else within bounds. */
function number(value: unknown, standard: number, least: number, most: number): number {
  const given = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof given === 'number' && Number.isFinite(given) ? Math.min(most, Math.max(least, given)) : standard;
}

/** "0xRRGGBB" (also "#RRGGBB") to CSS; white for anything else. */
function color(value: unknown): string {
  const digits = typeof value === 'string' ? /^(?:0x|#)?([0-9a-f]{6})$/i.exec(value.trim())?.[1] : undefined;
  return digits === undefined ? WHITE : `#${digits.toLowerCase()}`;
}
