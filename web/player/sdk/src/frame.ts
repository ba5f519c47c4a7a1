/** The frame that the player page is in. */

const ALLOW = 'encrypted-media; autoplay; fullscreen';

export function playerFrame(address: string): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.src = address;
  frame.allow = ALLOW;
  frame.allowFullscreen = true;
  frame.title = 'Video player';
  frame.style.cssText = 'border: 0; width: 100%; height: 100%; display: block;';
  return frame;
}

/** The page at `server` with an OTP and what else is asked for. Parameters that are undefined or false are left out. */
export function playerAddress(server: string, query: Readonly<Record<string, string | boolean | undefined>>): string {
  const address = new URL('/v2/', server);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== false) address.searchParams.set(name, String(value));
  }
  return address.href;
}
