/** The tracks of what plays, as menus and embedding pages choose among them. */

import type shaka from 'shaka-player/dist/shaka-player.compiled-es2021';

import { say } from './i18n/messages';
import { distinctLabels, nearestTrack, preferredTrack, primaryLanguage, qualityChoices, qualityLabel } from './tracks';

export interface Choice {
  readonly label: string;
  readonly active: boolean;
  choose(): void;
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

export class PlayingTracks {
  #forced = false;
  #preferredCaption: shaka.extern.TextTrack | null = null;

  constructor(private readonly player: shaka.Player) {}

  get audioOnly(): boolean {
    return this.player.getVideoTracks().length === 0;
  }

  qualities(): Choice[] {
    const automatic = this.player.getConfiguration().abr.enabled;
    const tracks = this.player.getVideoTracks();
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
    const tracks = this.player.getAudioTracks();
    if (tracks.length < 2) return [];
    const labels = distinctLabels(tracks, say('audio'));
    return tracks.map((track, index) => ({
      label: labels[index] ?? '',
      active: track.active,
      choose: () => this.player.selectAudioTrack(track),
    }));
  }

  captions(): Choice[] {
    const tracks = this.player.getTextTracks();
    if (tracks.length === 0) return [];
    const labels = distinctLabels(tracks, say('captions'));
    const off: Choice = {
      label: say('off'),
      active: tracks.every((track) => !track.active),
      choose: () => this.player.selectTextTrack(null),
    };
    const shown = tracks.map((track, index) => ({
      label: labels[index] ?? '',
      active: track.active,
      choose: () => {
        this.#preferredCaption = track;
        this.player.selectTextTrack(track);
      },
    }));
    return [off, ...shown];
  }

  captionTracks(): CaptionTrack[] {
    const tracks = this.player.getTextTracks();
    const labels = distinctLabels(tracks, say('captions'));
    return tracks.map(({ id, language, active }, index) => ({ id, lang: language, label: labels[index] ?? '', active }));
  }

  /** By id, or in a language (regions ignored). Null hides them; a language that is not there changes nothing. */
  showCaptions(wanted: string | number | null): void {
    const tracks = this.player.getTextTracks();
    const spoken = (track: shaka.extern.TextTrack): boolean => primaryLanguage(track.language) === primaryLanguage(String(wanted));
    const track = typeof wanted === 'number' ? tracks.find(({ id }) => id === wanted) : tracks.find(spoken);
    if (wanted === null) this.player.selectTextTrack(null);
    else if (track !== undefined) this.player.selectTextTrack(track);
  }

  get adaptive(): boolean {
    return this.player.getConfiguration().abr.enabled;
  }

  /** Best first. Empty where there is nothing to choose. */
  videoQualities(): VideoQuality[] {
    const tracks = this.player.getVideoTracks();
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
    const chosen = qualityChoices(this.player.getVideoTracks())[id];
    if (chosen === undefined) throw new RangeError(`no video quality ${id}`);
    if (!this.#forced) this.#select(chosen.track);
  }

  adapt(): void {
    if (!this.#forced) this.player.configure({ abr: { enabled: true } });
  }

  /** Switch captions off, or on: in the language shown last, else the viewer's, else the first. */
  toggleCaptions(): void {
    const tracks = this.player.getTextTracks();
    const shown = tracks.find((track) => track.active);
    if (shown !== undefined) this.#preferredCaption = shown;
    const preferred = this.#preferredCaption ?? preferredTrack(tracks, navigator.languages) ?? null;
    this.player.selectTextTrack(shown === undefined ? preferred : null);
  }

  /** The rendition nearest to `kilobits` a second plays, and no other. */
  force(kilobits: number): void {
    const track = nearestTrack(this.player.getVideoTracks(), kilobits);
    if (track === undefined) return;
    this.#forced = true;
    this.#select(track);
  }

  #select(track: shaka.extern.VideoTrack): void {
    this.player.configure({ abr: { enabled: false } });
    this.player.selectVideoTrack(track, true);
  }
}
