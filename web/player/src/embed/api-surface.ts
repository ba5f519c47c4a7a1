/** `player.api`: VdoCipher's functions, and what our own package asks for besides. */

import type { Coverage } from '../coverage';
import type { Playback } from '../playback';
import type { Session } from '../session';
import type { Call } from './protocol';

export interface ApiParts {
  readonly playback: Playback;
  readonly coverage: Coverage;
  /** Resolves when the video is ready to play; rejects with what prevents it. */
  readonly ready: Promise<Session>;
  readonly setFullScreen: (on: boolean) => Promise<void>;
  readonly loadVideo: (otp: string, playbackInfo: string) => void;
  readonly addWatermark: (items: unknown) => Promise<void>;
}

type Served = (parts: ApiParts, session: Session, argument: unknown) => unknown;

const FUNCTIONS: Readonly<Record<string, Served>> = {
  ready: () => undefined,
  getTotalPlayed: ({ coverage }) => coverage.total,
  getTotalCovered: ({ coverage }) => coverage.covered,
  getTotalCoveredArray: ({ coverage }) => coverage.counts,
  getMetaData: (_, { title, duration, posterUrl }) => ({ title, duration, poster: posterUrl }),
  getCaptionLanguages: ({ playback }) => {
    const languages = playback.tracks.captionTracks();
    return { visible: languages.some(({ active }) => active), languages };
  },
  setCaptionLanguage: ({ playback }, _, wanted) => playback.tracks.showCaptions(captionOf(wanted)),
  hideCaptions: ({ playback }) => playback.tracks.showCaptions(null),
  getVideoQualities: ({ playback }) => playback.tracks.videoQualities(),
  setVideoQuality: ({ playback }, _, id) => playback.tracks.setVideoQuality(Number(id)),
  enableAdaptiveVideo: ({ playback }) => playback.tracks.adapt(),
  setFullscreen: ({ setFullScreen }, _, on) => setFullScreen(on === true),
  setWatermark: ({ addWatermark }, _, items) => addWatermark(items),
};

/** Waits until the video is ready. Throws a TypeError for what is not offered, or for arguments that make no sense. */
export async function useApi(parts: ApiParts, { op, name, args }: Call): Promise<unknown> {
  if (op !== 'call') throw new TypeError('player.api has functions only');
  if (name === 'loadVideo') return load(parts, args[0]);
  const found = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (found === undefined) throw new TypeError(`player.api has no ${name}`);
  return found(parts, await parts.ready, args[0]);
}

function load({ loadVideo }: ApiParts, given: unknown): void {
  const { otp, playbackInfo } = (given ?? {}) as Record<string, unknown>;
  if (typeof otp !== 'string' || typeof playbackInfo !== 'string') throw new TypeError('loadVideo needs otp and playbackInfo');
  loadVideo(otp, playbackInfo);
}

/** A language, or the id of a track where several have the same. */
function captionOf(wanted: unknown): string | number {
  const id = typeof wanted === 'object' && wanted !== null ? (wanted as { id?: unknown }).id : undefined;
  if (typeof id === 'number') return id;
  if (typeof wanted === 'string') return wanted;
  throw new TypeError('setCaptionLanguage needs a language or {id}');
}
