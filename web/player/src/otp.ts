/** An OTP in the page's address, as VdoCipher's embeds have it: redeemed once, for a session and its token. */

import { PlayerError, redemptionError } from './errors';
import { parseSession, text, type Session } from './session';

export interface PlaybackCode {
  readonly otp: string;
  readonly playbackInfo: string;
}

/** Who asks: `device` is the same for every visit of this browser, `nonce` for this load of the page only. */
export interface Asker {
  readonly device: string;
  readonly nonce: string;
  /** Origin of the page that embeds this one, or this page's own. */
  readonly href: string;
}

export interface Redeemed {
  readonly token: string;
  readonly session: Session;
}

const DEVICE_KEY = 'sealcast.device';
/** Milliseconds before a request whose answer got lost is sent again: the server then gives the same answer. */
const RETRIES = [500, 2000];

/** Null when the address has none; half of one is a broken link. */
export function playbackCode(query: string): PlaybackCode | null {
  const parameters = new URLSearchParams(query);
  const otp = parameters.get('otp') ?? '';
  const playbackInfo = (parameters.get('playbackInfo') ?? '').replaceAll(' ', '+'); // what "+" became in the query
  if (otp === '' && playbackInfo === '') return null;
  if (otp === '' || playbackInfo === '') throw new PlayerError('SESSION_MISSING');
  return { otp, playbackInfo };
}

/** 128 random bits, hex. */
export function randomName(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The browser's own name for itself. Where it may not keep one (private mode, foreign frames), a new one each time. */
export function deviceName(storage: () => Storage): string {
  try {
    const kept = storage().getItem(DEVICE_KEY);
    if (kept !== null && /^[0-9a-f]{32}$/.test(kept)) return kept;
    const name = randomName();
    storage().setItem(DEVICE_KEY, name);
    return name;
  } catch {
    return randomName();
  }
}

/** Its origin. Chromium and Safari tell a frame its ancestors; elsewhere the referrer has to do. Empty if not known. */
export function embeddingPage(view: Pick<Window, 'location' | 'document'> & { readonly framed: boolean }): string {
  if (!view.framed) return view.location.origin;
  const ancestors = view.location.ancestorOrigins as DOMStringList | undefined;
  const page = ancestors?.[0] ?? view.document.referrer;
  return URL.canParse(page) ? new URL(page).origin : '';
}

/** Raises PlayerError with a code for each way this can fail. */
export async function redeem(
  code: PlaybackCode,
  asker: Asker,
  base: string,
  fetcher: typeof fetch = fetch,
  wait: (milliseconds: number) => Promise<void> = sleep,
): Promise<Redeemed> {
  const answer = await send(code, asker, base, fetcher, wait);
  if (!answer.ok) throw redemptionError(answer.status, await answer.text());
  const body = (await answer.json().catch(() => null)) as { token?: unknown } | null;
  return { session: parseSession(body, base), token: text(body?.token) };
}

async function send(
  code: PlaybackCode,
  { device, nonce, href }: Asker,
  base: string,
  fetcher: typeof fetch,
  wait: (milliseconds: number) => Promise<void>,
): Promise<Response> {
  const request = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...code, device_id: device, nonce, href }),
    cache: 'no-store',
  } as const;
  for (const pause of [...RETRIES, null]) {
    try {
      return await fetcher(new URL('/api/playback/redeem', base).href, request);
    } catch {
      if (pause === null) break;
      await wait(pause);
    }
  }
  throw new PlayerError('NETWORK', 'redeem');
}

async function sleep(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
