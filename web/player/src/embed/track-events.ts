/** Which of VdoCipher's events a change of tracks is. */

import type { Playback } from '../playback';

type Tell = (event: string, detail: unknown) => void;

/** Call the answer whenever tracks may have changed. */
export function trackEvents(playback: Playback, tell: Tell): () => void {
  const last = new Map<string, string>();
  const whenChanged = (event: string, detail: unknown): void => {
    const now = JSON.stringify(detail);
    const known = last.get(event);
    last.set(event, now);
    if (known !== undefined && known !== now) tell(event, detail);
  };
  return () => {
    const caption = playback.tracks.captionTracks().find(({ active }) => active);
    const quality = playback.tracks.videoQualities().find(({ active }) => active);
    whenChanged('captionVisibilityChange', { visible: caption !== undefined });
    if (caption !== undefined) whenChanged('captionLanguageChange', { language: caption.lang, id: caption.id });
    whenChanged('videoAdaptivenessChange', { adaptive: playback.tracks.adaptive });
    if (quality !== undefined) whenChanged('videoQualityChange', { id: quality.id, height: quality.height });
  };
}
