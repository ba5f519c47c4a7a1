/** What style sheets make of an element that has to be seen. */

export type Finding =
  | 'REMOVED'
  | 'MOVED'
  | 'HIDDEN'
  | 'RESTYLED'
  | 'COVERED'
  | 'REPLACED'
  | 'ERASED'
  | 'STOPPED'
  | 'OUT_OF_STAGE';

const NEUTRAL: readonly (readonly [property: string, neutral: string])[] = [
  ['filter', 'none'],
  ['clip-path', 'none'],
  ['clip', 'auto'],
  ['mask-image', 'none'],
  ['-webkit-mask-image', 'none'],
  ['transform', 'none'],
  ['scale', 'none'],
  ['translate', 'none'],
  ['rotate', 'none'],
  ['mix-blend-mode', 'normal'],
  ['zoom', '1'],
];

/** `opacity` is what the element should have. */
export function styleFinding(element: Element, opacity: number): Finding | null {
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility !== 'visible') return 'HIDDEN';
  if (style.getPropertyValue('content-visibility') === 'hidden') return 'HIDDEN';
  if (Math.abs(Number(style.opacity) - opacity) > 0.01) return 'HIDDEN';
  const touched = NEUTRAL.some(([property, neutral]) => ![neutral, ''].includes(style.getPropertyValue(property)));
  return touched ? 'RESTYLED' : null;
}

/** What ::before and ::after add is an element that no query finds. */
export function hasPseudoElement(element: Element): boolean {
  return ['::before', '::after'].some((name) => {
    const { content, display } = getComputedStyle(element, name);
    return !['none', 'normal', ''].includes(content) && display !== 'none';
  });
}

export function sameBox(one: DOMRect, other: DOMRect): boolean {
  const off = [one.x - other.x, one.y - other.y, one.width - other.width, one.height - other.height];
  return off.every((pixels) => Math.abs(pixels) <= 1.5);
}
