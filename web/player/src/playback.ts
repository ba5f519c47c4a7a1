/** Shaka Player behind the few verbs the page needs. Only this module and playing-tracks.ts know Shaka. */

import type shaka from 'shaka-player/dist/shaka-player.compiled-es2021';

import { PlayerError, playbackError } from './errors';
import type { DrmChoice } from './embed/parameters';
import { licenceAuthorisation } from './licence';
import { PlayingTracks } from './playing-tracks';
import type { Session } from './session';

/** One picture of the storyboard: a rectangle of the sprite at `url`, in pixels. */
export interface Preview {
  readonly url: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Milliseconds. Within one request; between requests the page decides (recovery.ts). */
const RETRIES = { maxAttempts: 3, baseDelay: 400, backoffFactor: 2, fuzzFactor: 0.5, timeout: 15_000, stallTimeout: 8_000, connectionTimeout: 8_000 };
const PATIENCE = {
  manifest: { retryParameters: RETRIES },
  drm: { retryParameters: RETRIES },
  streaming: { retryParameters: RETRIES, failureCallback: (_error: unknown) => undefined },
};

interface Attached {
  readonly shaka: typeof shaka;
  readonly player: shaka.Player;
  readonly tracks: PlayingTracks;
}

export class Playback {
  /** Called with each error after which nothing more is loaded, until `retry`. */
  onFault: (error: PlayerError) => void = () => {};
  /** Called when tracks appear or the playing ones change. */
  onTracks: () => void = () => {};
  onBuffering: (buffering: boolean) => void = () => {};

  // Half a megabyte: it is on its way while the session is asked for.
  readonly #library = import('shaka-player/dist/shaka-player.compiled-es2021').catch(() => null);
  #attached: Attached | null = null;

  /** `stage` receives the captions. Raises UNSUPPORTED_BROWSER, NETWORK. */
  async attach(video: HTMLVideoElement, stage: HTMLElement): Promise<void> {
    const library = await this.#library;
    if (library === null) throw new PlayerError('NETWORK', 'library');
    const shaka = library.default;
    shaka.polyfill.installAll();
    if (!shaka.Player.isBrowserSupported()) throw new PlayerError('UNSUPPORTED_BROWSER');
    const player = new shaka.Player();
    this.#attached = { shaka, player, tracks: new PlayingTracks(player) };
    player.setVideoContainer(stage);
    await player.attach(video);
    player.configure(PATIENCE);
    player.addEventListener('error', (event) => this.#onError(event));
    player.addEventListener('buffering', () => this.onBuffering(player.isBuffering()));
    for (const change of ['trackschanged', 'adaptation', 'variantchanged', 'textchanged', 'audiotrackchanged']) {
      player.addEventListener(change, () => this.onTracks());
    }
  }

  /** Of what is attached. */
  get tracks(): PlayingTracks {
    return this.#here.tracks;
  }

  get #here(): Attached {
    if (this.#attached === null) throw new TypeError('nothing is attached');
    return this.#attached;
  }

  /** Resolves when the manifest is loaded and the first segments are on their way. Raises PlayerError. */
  async load(session: Session, token: string, drm: DrmChoice): Promise<void> {
    const { licenceUrl, licenceUrls } = session;
    if (!hasMediaSource() && !new URL(session.manifestUrl).pathname.endsWith('.m3u8')) {
      throw new PlayerError('UNSUPPORTED_BROWSER', 'MSE');
    }
    const { videoRobustness, audioRobustness } = drm;
    const asked = Object.keys(licenceUrls).map((system) => [
      system,
      {
        ...(videoRobustness === '' ? {} : { videoRobustness: [videoRobustness] }),
        ...(audioRobustness === '' ? {} : { audioRobustness: [audioRobustness] }),
      },
    ]);
    this.#here.player.configure({
      drm: { servers: licenceUrls, preferredKeySystems: drm.keySystems, advanced: Object.fromEntries(asked) },
    });
    const network = this.#here.player.getNetworkingEngine();
    network?.registerRequestFilter(
      licenceAuthorisation(licenceUrl, token, this.#here.shaka.net.NetworkingEngine.RequestType.LICENSE),
    );
    try {
      await this.#here.player.load(session.manifestUrl);
    } catch (thrown) {
      throw playbackError(thrown);
    }
    if (session.forcedBitrate !== null) this.tracks.force(session.forcedBitrate);
    await this.#addStoryboard(session.thumbnailsUrl);
    this.onTracks();
  }

  /** Ask for media again after a fault. */
  retry(): void {
    this.#here.player.retryStreaming();
  }

  /** Nothing that was loaded can be played any more. */
  async stop(): Promise<void> {
    await this.#attached?.player.unload();
  }

  /** Key id (hex) → EME status, as the CDM reports them. */
  keyStatuses(): Record<string, string> {
    return { ...this.#attached?.player.getKeyStatuses() };
  }

  /** The storyboard's picture at a time in seconds; null where there is none. */
  async previewAt(seconds: number): Promise<Preview | null> {
    const track = this.#here.player.getImageTracks()[0];
    if (track === undefined) return null;
    const picture = await this.#here.player.getThumbnails(track.id, seconds);
    const url = picture?.uris[0];
    if (picture === null || url === undefined) return null;
    return { url, x: picture.positionX, y: picture.positionY, width: picture.width, height: picture.height };
  }

  /** Shaka reports, as recoverable, what it has solved by another rendition. */
  #onError(event: Event): void {
    const fault = detailOf(event) as { severity?: unknown };
    if (fault.severity === this.#here.shaka.util.Error.Severity.RECOVERABLE) return;
    // What to do next is ours to say.
    event.preventDefault();
    this.onFault(playbackError(fault));
  }

  async #addStoryboard(url: string | null): Promise<void> {
    if (url === null || this.tracks.audioOnly) return;
    try {
      await this.#here.player.addThumbnailsTrack(url, 'text/vtt');
    } catch (thrown) {
      // The video plays without its storyboard; say so to whoever looks for it.
      console.warn('storyboard not loaded:', playbackError(thrown).message);
    }
  }
}

/** Without it a browser plays HLS at most. */
function hasMediaSource(): boolean {
  return 'MediaSource' in window || 'ManagedMediaSource' in window;
}

function detailOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'detail' in event ? event.detail : event;
}
