/** The page's dress, as its address asks for it. */

import type { Parameters } from './embed/parameters';

const DARK_INK = '#04121b';
const LIGHT_INK = '#ffffff';

export function applyTheme({ primaryColor, controls }: Parameters, root: HTMLElement): void {
  root.dataset['controls'] = controls;
  if (primaryColor === null || !CSS.supports('color', primaryColor)) return;
  root.style.setProperty('--accent', primaryColor);
  root.style.setProperty('--on-accent', inkOn(primaryColor));
}

/** Readable on the colour: WCAG's relative luminance, at the point where both inks have the same contrast. */
export function inkOn(color: string): string {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return DARK_INK;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return luminance(red, green, blue) > 0.19 ? DARK_INK : LIGHT_INK;
}

/** 0 to 1, of sRGB values of 0 to 255. */
export function luminance(red: number, green: number, blue: number): number {
  const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
