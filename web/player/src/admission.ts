/** How a page comes by its session: with an OTP in its query, or with a token in its fragment. */

import { deviceName, embeddingPage, playbackCode, randomName, redeem, type Redeemed } from './otp';
import { videoIdOf } from './resume';
import { openSession, playbackToken } from './session';

const CODE = ['otp', 'playbackInfo'];

export interface Admitted extends Redeemed {
  /** Null where the address never named it. */
  readonly videoId: string | null;
}

/** Raises PlayerError. */
export async function admission({ location, history }: Window): Promise<Admitted> {
  const code = playbackCode(location.search);
  if (code === null) {
    const token = playbackToken(location.hash);
    return { token, session: await openSession(token, location.origin), videoId: kept(history.state) };
  }
  const asker = {
    device: deviceName(() => window.localStorage),
    nonce: randomName(),
    href: embeddingOrigin(),
  };
  const redeemed = await redeem(code, asker, location.origin);
  // The OTP may be used up now: loading the page again goes on with the session, and the history keeps no OTP.
  const videoId = videoIdOf(code.playbackInfo);
  history.replaceState({ videoId }, '', `${location.pathname}${queryWith(location.search, {})}#${redeemed.token}`);
  return { ...redeemed, videoId };
}

/** From before the page was loaded again. */
function kept(state: unknown): string | null {
  const videoId = (state as { videoId?: unknown } | null)?.videoId;
  return typeof videoId === 'string' ? videoId : null;
}

export function embeddingOrigin(): string {
  return embeddingPage({ location: window.location, document, framed: window.parent !== window });
}

/** The page's address for another video, in the same dress. */
export function addressWith(location: Location, otp: string, playbackInfo: string): string {
  return `${location.pathname}${queryWith(location.search, { otp, playbackInfo })}`;
}

function queryWith(query: string, code: Readonly<Record<string, string>>): string {
  const kept = new URLSearchParams(query);
  for (const name of CODE) kept.delete(name);
  for (const [name, value] of Object.entries(code)) kept.set(name, value);
  return kept.size === 0 ? '' : `?${kept.toString()}`;
}
