/** Shaka Player behind the few verbs the page needs. The only module that knows Shaka. */

import shaka from 'shaka-player/dist/shaka-player.compiled-es2021';

import { PlayerError, playbackError } from './errors';
import type { DrmChoice } from './embed/parameters';
import { say } from './i18n/messages';
import { licenceAuthorisation } from './licence';
import type { Session } from './session';
import { distinctLabels, nearestTrack, preferredTrack, primaryLanguage, qualityChoices, qualityLabel } from './tracks';

export interface Choice {
  readonly label: string;
  readonly active: boolean;
  choose(): void;
}

/** One picture of the storyboard: a rectangle of the sprite at `url`, in pixels. */
export interface Preview {
  readonly url: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** As an embedding page sees them; ids hold until the next video. */
export interface CaptionTrack {
  readonly id: number;
  readonly lang: string;
  readonly label: string;
  readonly active: boolean;
}

export interface VideoQuality {
  readonly id: number;
  readonly height: number | null;
  readonly width: number | null;
  /** bit/s */
  readonly bitrate: number;
  readonly label: string;
  readonly active: boolean;
}

/** Milliseconds. Within one request; between requests the page decides (recovery.ts). */
const RETRIES = { maxAttempts: 3, baseDelay: 400, backoffFactor: 2, fuzzFactor: 0.5, timeout: 15_000, stallTimeout: 8_000, connectionTimeout: 8_000 };
const PATIENCE = {
  manifest: { retryParameters: RETRIES },
  drm: { retryParameters: RETRIES },
  streaming: { retryParameters: RETRIES, failureCallback: (_error: unknown) => undefined },
};

export class Playback {
  /** Called with each error after which nothing more is loaded, until `retry`. */
  onFault: (error: PlayerError) => void = () => {};
  /** Called when tracks appear or the playing ones change. */
  onTracks: () => void = () => {};
  onBuffering: (buffering: boolean) => void = () => {};

  readonly #player = new shaka.Player();
  #forced = false;
  #preferredCaption: shaka.extern.TextTrack | null = null;

  /** `stage` receives the captions. Raises UNSUPPORTED_BROWSER. */
  async attach(video: HTMLVideoElement, stage: HTMLElement): Promise<void> {
    shaka.polyfill.installAll();
    if (!shaka.Player.isBrowserSupported()) throw new PlayerError('UNSUPPORTED_BROWSER');
    this.#player.setVideoContainer(stage);
    await this.#player.attach(video);
    this.#player.configure(PATIENCE);
    this.#player.addEventListener('error', (event) => this.#onError(event));
    this.#player.addEventListener('buffering', () => this.onBuffering(this.#player.isBuffering()));
    for (const change of ['trackschanged', 'adaptation', 'variantchanged', 'textchanged', 'audiotrackchanged']) {
      this.#player.addEventListener(change, () => this.onTracks());
    }
  }

  /** Resolves when the manifest is loaded and the first segments are on their way. Raises PlayerError. */
  async load(session: Session, token: string, drm: DrmChoice): Promise<void> {
    const { licenceUrl, licenceUrls } = session;
    const { videoRobustness, audioRobustness } = drm;
    const asked = Object.keys(licenceUrls).map((system) => [
      system,
      {
        ...(videoRobustness === '' ? {} : { videoRobustness: [videoRobustness] }),
        ...(audioRobustness === '' ? {} : { audioRobustness: [audioRobustness] }),
      },
    ]);
    this.#player.configure({
      drm: { servers: licenceUrls, preferredKeySystems: drm.keySystems, advanced: Object.fromEntries(asked) },
    });
    const network = this.#player.getNetworkingEngine();
    network?.registerRequestFilter(
      licenceAuthorisation(licenceUrl, token, shaka.net.NetworkingEngine.RequestType.LICENSE),
    );
    try {
      await this.#player.load(session.manifestUrl);
    } catch (thrown) {
      throw playbackError(thrown);
    }
    if (session.forcedBitrate !== null) this.#force(session.forcedBitrate);
    await this.#addStoryboard(session.thumbnailsUrl);
    this.onTracks();
  }

  /** Ask for media again after a fault. */
  retry(): void {
    this.#player.retryStreaming();
  }

  /** Nothing that was loaded can be played any more. */
  async stop(): Promise<void> {
    await this.#player.unload();
  }

  get audioOnly(): boolean {
    return this.#player.getVideoTracks().length === 0;
  }

  /** Key id (hex) → EME status, as the CDM reports them. */
  keyStatuses(): Record<string, string> {
    return { ...this.#player.getKeyStatuses() };
  }

  qualities(): Choice[] {
    const automatic = this.#player.getConfiguration().abr.enabled;
    const tracks = this.#player.getVideoTracks();
    if (tracks.length < 2 || this.#forced) return [];
    const playing = tracks.find((track) => track.active);
    const auto: Choice = {
      label: automatic && playing !== undefined ? `${say('automatic')} (${qualityLabel(playing)})` : say('automatic'),
      active: automatic,
      choose: () => this.adapt(),
    };
    const fixed = qualityChoices(tracks).map(({ label, track }) => ({
      label,
      active: !automatic && playing !== undefined && qualityLabel(playing) === label,
      choose: () => this.#select(track),
    }));
    return [auto, ...fixed];
  }

  languages(): Choice[] {
    const tracks = this.#player.getAudioTracks();
    if (tracks.length < 2) return [];
    const labels = distinctLabels(tracks, say('audio'));
    return tracks.map((track, index) => ({
      label: labels[index] ?? '',
      active: track.active,
      choose: () => this.#player.selectAudioTrack(track),
    }));
  }

  captions(): Choice[] {
    const tracks = this.#player.getTextTracks();
    if (tracks.length === 0) return [];
    const labels = distinctLabels(tracks, say('captions'));
    const off: Choice = {
      label: say('off'),
      active: tracks.every((track) => !track.active),
      choose: () => this.#player.selectTextTrack(null),
    };
    const shown = tracks.map((track, index) => ({
      label: labels[index] ?? '',
      active: track.active,
      choose: () => {
        this.#preferredCaption = track;
        this.#player.selectTextTrack(track);
      },
    }));
    return [off, ...shown];
  }

  captionTracks(): CaptionTrack[] {
    const tracks = this.#player.getTextTracks();
    const labels = distinctLabels(tracks, say('captions'));
    return tracks.map(({ id, language, active }, index) => ({ id, lang: language, label: labels[index] ?? '', active }));
  }

  /** By id, or in a language (regions ignored). Null hides them; a language that is not there changes nothing. */
  showCaptions(wanted: string | number | null): void {
    const tracks = this.#player.getTextTracks();
    const spoken = (track: shaka.extern.TextTrack): boolean => primaryLanguage(track.language) === primaryLanguage(String(wanted));
    const track = typeof wanted === 'number' ? tracks.find(({ id }) => id === wanted) : tracks.find(spoken);
    if (wanted === null) this.#player.selectTextTrack(null);
    else if (track !== undefined) this.#player.selectTextTrack(track);
  }

  get adaptive(): boolean {
    return this.#player.getConfiguration().abr.enabled;
  }

  /** Best first. Empty where there is nothing to choose. */
  videoQualities(): VideoQuality[] {
    const tracks = this.#player.getVideoTracks();
    const playing = tracks.find(({ active }) => active);
    return qualityChoices(tracks).map(({ label, track }, id) => ({
      id,
      height: track.height,
      width: track.width,
      bitrate: track.bandwidth,
      label,
      active: playing !== undefined && qualityLabel(playing) === label,
    }));
  }

  /** Raises RangeError for an id that is not there. Where the session forces a rendition, nothing changes. */
  setVideoQuality(id: number): void {
    const chosen = qualityChoices(this.#player.getVideoTracks())[id];
    if (chosen === undefined) throw new RangeError(`no video quality ${id}`);
    if (!this.#forced) this.#select(chosen.track);
  }

  adapt(): void {
    if (!this.#forced) this.#player.configure({ abr: { enabled: true } });
  }

  /** Switch captions off, or on: in the language shown last, else the viewer's, else the first. */
  toggleCaptions(): void {
    const tracks = this.#player.getTextTracks();
    const shown = tracks.find((track) => track.active);
    if (shown !== undefined) this.#preferredCaption = shown;
    const preferred = this.#preferredCaption ?? preferredTrack(tracks, navigator.languages) ?? null;
    this.#player.selectTextTrack(shown === undefined ? preferred : null);
  }

  /** The storyboard's picture at a time in seconds; null where there is none. */
  async previewAt(seconds: number): Promise<Preview | null> {
    const track = this.#player.getImageTracks()[0];
    if (track === undefined) return null;
    const picture = await this.#player.getThumbnails(track.id, seconds);
    const url = picture?.uris[0];
    if (picture === null || url === undefined) return null;
    return { url, x: picture.positionX, y: picture.positionY, width: picture.width, height: picture.height };
  }

  /** Shaka reports, as recoverable, what it has solved by another rendition. */
  #onError(event: Event): void {
    const fault = detailOf(event) as { severity?: unknown };
    if (fault.severity === shaka.util.Error.Severity.RECOVERABLE) return;
    // What to do next is ours to say.
    event.preventDefault();
    this.onFault(playbackError(fault));
  }

  #force(kilobits: number): void {
    const track = nearestTrack(this.#player.getVideoTracks(), kilobits);
    if (track === undefined) return;
    this.#forced = true;
    this.#select(track);
  }

  #select(track: shaka.extern.VideoTrack): void {
    this.#player.configure({ abr: { enabled: false } });
    this.#player.selectVideoTrack(track, true);
  }

  async #addStoryboard(url: string | null): Promise<void> {
    if (url === null || this.audioOnly) return;
    try {
      await this.#player.addThumbnailsTrack(url, 'text/vtt');
    } catch (thrown) {
      // The video plays without its storyboard; say so to whoever looks for it.
      console.warn('storyboard not loaded:', playbackError(thrown).message);
    }
  }
}

function detailOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'detail' in event ? event.detail : event;
}
