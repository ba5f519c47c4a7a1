/** What the browser keeps for the viewer. Where it may not (private mode, foreign frames), nothing is kept. */

const PREFIX = 'sealcast.';

export function keep(name: string, value: string | null): void {
  try {
    if (value === null) window.localStorage.removeItem(PREFIX + name);
    else window.localStorage.setItem(PREFIX + name, value);
  } catch {
    // Full, or forbidden.
  }
}

export function kept(name: string): string | null {
  try {
    return window.localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}
