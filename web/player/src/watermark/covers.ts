/** Whether something that is not ours lies over a mark. */

import type { Box } from './marks';

/** More foreign elements than this are not looked at one by one: so many over a player are no accident. */
const MOST = 300;
const PAINTS = new Set(['IMG', 'CANVAS', 'VIDEO', 'IFRAME', 'OBJECT', 'EMBED', 'SVG', 'svg']);
const SHARE = 0.2;

/** `boxes` and all rectangles in CSS pixels of the viewport. */
export function foreignCover(foreign: readonly Element[], boxes: readonly Box[]): boolean {
  const suspects = foreign.flatMap((element) => [element, ...element.querySelectorAll('*')]);
  if (suspects.length > MOST) return true;
  return suspects.some((element) => boxes.some((box) => overlap(element.getBoundingClientRect(), box) >= SHARE) && paints(element));
}

function overlap(rect: DOMRect, box: Box): number {
  const width = Math.min(rect.right, box.x + box.width) - Math.max(rect.left, box.x);
  const height = Math.min(rect.bottom, box.y + box.height) - Math.max(rect.top, box.y);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / Math.max(1, box.width * box.height);
}

function paints(element: Element): boolean {
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility !== 'visible' || Number(style.opacity) < 0.05) return false;
  if (PAINTS.has(element.tagName)) return true;
  if (style.backgroundImage !== 'none' || !['none', ''].includes(style.getPropertyValue('backdrop-filter'))) return true;
  return !/^(transparent|rgba\(\d+, \d+, \d+, 0\))$/.test(style.backgroundColor);
}
