/** Opens the page to the one that embeds it: its calls, and what it hears of. */

import { addressWith, embeddingOrigin } from '../admission';
import type { Coverage } from '../coverage';
import type { PlayerError } from '../errors';
import type { Playback } from '../playback';
import type { Session } from '../session';
import type { Status } from '../status';
import { useApi, type ApiParts } from './api-surface';
import { Bridge } from './bridge';
import { trackEvents } from './track-events';
import { useVideo, VIDEO_EVENTS } from './video-surface';

export interface EmbedParts {
  readonly video: HTMLVideoElement;
  readonly stage: HTMLElement;
  readonly playback: Playback;
  readonly coverage: Coverage;
  readonly status: Status;
  readonly ready: Promise<Session>;
  readonly play: () => Promise<void>;
  readonly addWatermark: (items: unknown) => Promise<void>;
}

export class Embed {
  /** Call it whenever tracks may have changed. */
  readonly onTracks: () => void;
  readonly #bridge: Bridge;

  constructor({ video, stage, status, play, ...parts }: EmbedParts) {
    const api: ApiParts = {
      ...parts,
      setFullScreen: async (on) => {
        if (on && document.fullscreenElement === null) await stage.requestFullscreen();
        if (!on && document.fullscreenElement !== null) await document.exitFullscreen();
      },
      // After the answer to whoever asked.
      loadVideo: (otp, playbackInfo) =>
        setTimeout(() => window.location.replace(addressWith(window.location, otp, playbackInfo))),
    };
    this.#bridge = new Bridge(window, embeddingOrigin(), (call) =>
      call.target === 'video' ? useVideo(video, play, call) : useApi(api, call),
    );
    const tell = (event: string, detail: unknown): void => this.#bridge.tell('api', event, detail);
    this.onTracks = trackEvents(parts.playback, tell);
    for (const name of VIDEO_EVENTS) video.addEventListener(name, () => this.#bridge.tell('video', name));
    status.onChange = (state) => tell('statusChange', { status: state });
    document.addEventListener('fullscreenchange', () =>
      tell('fullscreenChange', { isFullscreen: document.fullscreenElement !== null }),
    );
  }

  failed(error: PlayerError): void {
    this.#bridge.tell('video', 'error', { code: error.code, detail: error.detail, message: error.explanation.title });
  }
}
