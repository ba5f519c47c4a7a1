/** The playback session: what this page may play, learned with the token from the URL's fragment. */

import { PlayerError, sessionError } from './errors';
import { watermarkItems, type WatermarkItem } from './watermark/items';

/** All addresses are absolute. */
export interface Session {
  readonly title: string;
  /** Seconds. */
  readonly duration: number;
  /** DASH, or HLS for a title that has no DASH. */
  readonly manifestUrl: string;
  /** ClearKey licence server. */
  readonly licenceUrl: string;
  /** Licence servers by EME key system. */
  readonly licenceUrls: Readonly<Record<string, string>>;
  readonly posterUrl: string | null;
  /** WebVTT of the storyboard sprite. */
  readonly thumbnailsUrl: string | null;
  /** kbit/s: the rendition nearest to it plays, and no other. */
  readonly forcedBitrate: number | null;
  readonly watermark: readonly WatermarkItem[];
}

/** The fragment never reaches a server, so that the token stays out of access logs. */
export function playbackToken(fragment: string): string {
  const token = fragment.replace(/^#/, '');
  if (token === '') throw new PlayerError('SESSION_MISSING');
  return token;
}

/** A field of the answer that has to be there. */
export function text(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new PlayerError('SERVICE_UNAVAILABLE', 'session');
  return value;
}

/** Shaka Player wants absolute addresses; the API may leave out its own origin. */
function address(value: unknown, base: string): string {
  return new URL(text(value), base).href;
}

function optionalAddress(value: unknown, base: string): string | null {
  return value === null || value === undefined ? null : address(value, base);
}

const CLEAR_KEY = 'org.w3.clearkey';

/** The session route names ClearKey's server alone. */
function licenceServers(value: unknown, clearKey: string, base: string): Record<string, string> {
  if (typeof value !== 'object' || value === null) return { [CLEAR_KEY]: clearKey };
  const named = Object.entries(value).map(([system, url]) => [system, address(url, base)]);
  return { ...Object.fromEntries(named), [CLEAR_KEY]: clearKey };
}

/** Read the answer of the session route at `base`; unknown fields are for other players. */
export function parseSession(body: unknown, base: string): Session {
  if (typeof body !== 'object' || body === null) throw new PlayerError('SERVICE_UNAVAILABLE', 'session');
  const fields = body as Record<string, unknown>;
  return {
    title: text(fields['title']),
    duration: typeof fields['duration'] === 'number' ? fields['duration'] : 0,
    manifestUrl: address(fields['dash_url'] ?? fields['hls_url'], base),
    licenceUrl: address(fields['licence_url'], base),
    licenceUrls: licenceServers(fields['licence_urls'], address(fields['licence_url'], base), base),
    posterUrl: optionalAddress(fields['poster_url'], base),
    thumbnailsUrl: optionalAddress(fields['thumbnails_url'], base),
    forcedBitrate: typeof fields['forced_bitrate'] === 'number' ? fields['forced_bitrate'] : null,
    watermark: watermarkItems(fields['watermark']),
  };
}

/** Raises PlayerError with a code for each way this can fail. */
export async function openSession(token: string, base: string, fetcher: typeof fetch = fetch): Promise<Session> {
  let answer: Response;
  try {
    answer = await fetcher(new URL('/api/playback/session', base).href, {
      headers: { Authorization: `Bearer ${token}` },
      cache: 'no-store',
    });
  } catch {
    throw new PlayerError('NETWORK', 'session');
  }
  if (!answer.ok) throw sessionError(answer.status, await answer.text());
  const body: unknown = await answer.json().catch(() => null);
  return parseSession(body, base);
}
