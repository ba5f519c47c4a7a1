/** The player of `@sealcast/player`: one frame, and what can be asked of it. */

import { playerAddress, playerFrame } from './frame';
import type { Listener } from './listeners';
import type { AnalyticsEvent, DRMConfig, Handler, PlayerConfig, TrackedEvent, WatermarkConfig } from './types';
import { VdoPlayer } from './vdo-player';

/** Events of `player.api`; `analytics` is our own; all others are the video element's. */
const OF_THE_API = new Set([
  'statusChange', 'fullscreenChange', 'videoAdaptivenessChange', 'videoQualityChange', 'captionVisibilityChange',
  'captionLanguageChange',
]);

export class SealcastPlayer {
  #config: PlayerConfig | null = null;
  #drm: DRMConfig = {};
  #marks: readonly unknown[] = [];
  #videoId: string | null = null;
  #position = 0;
  #player: VdoPlayer | null = null;
  #container: HTMLElement | null = null;
  /** Events that this object tells of itself. */
  readonly #analytics = new Set<Handler>();
  readonly #wrapped = new Map<string, Map<Handler, Listener>>();

  /** Raises TypeError when there is no such container, or when it is called twice. */
  async init(config: PlayerConfig): Promise<void> {
    if (this.#config !== null) throw new TypeError('init was called before');
    const { container } = config;
    const found = typeof container === 'string' ? document.querySelector<HTMLElement>(container) : container;
    if (found === null) throw new TypeError(`no element ${String(container)}`);
    new URL(config.server); // throws here rather than later
    this.#config = config;
    this.#container = found;
  }

  /** Resolves when the video can play; rejects with the player's code (docs/guides/player.md), for instance OTP_EXPIRED. */
  async load(videoId: string, otp: string): Promise<void> {
    this.#videoId = videoId;
    this.#position = 0;
    const playbackInfo = btoa(JSON.stringify({ videoId }));
    if (this.#player !== null) await this.#player.api.loadVideo({ otp, playbackInfo });
    else {
      this.#player = this.#show(otp, playbackInfo);
      // In lite mode the video is ready when somebody has pressed play: that is not waited for.
      if (this.#config?.litemode === true) return;
      await this.#player.connection.call('api', 'call', 'ready');
    }
    if (this.#marks.length > 0) await this.#sendWatermark();
  }

  play(): void {
    this.#command('call', 'play');
  }

  pause(): void {
    this.#command('call', 'pause');
  }

  /** `time` in seconds. */
  seek(time: number): void {
    this.#command('set', 'currentTime', time);
  }

  /** Before the first `load`. */
  configureDRM(drm: DRMConfig): void {
    if (this.#player !== null) throw new TypeError('configureDRM comes before load');
    this.#drm = drm;
  }

  /** Handed to whoever listens `on('analytics')`, with the video, its position and the time. */
  trackEvent(event: AnalyticsEvent): void {
    const tracked: TrackedEvent = { ...event, videoId: this.#videoId, position: this.#position, at: Date.now() };
    for (const handler of [...this.#analytics]) handler(tracked);
  }

  /** Beside the marks of the OTP, in place of those that were set here before. */
  setWatermark(config: WatermarkConfig): void {
    this.#marks = Array.isArray(config) ? config : [config];
    if (this.#player !== null) this.#sendWatermark().catch((error: Error) => console.error(error.message));
  }

  on(event: string, handler: Handler): void {
    if (event === 'analytics') return void this.#analytics.add(handler);
    const wrapped = this.#wrapped.get(event) ?? new Map<Handler, Listener>();
    this.#wrapped.set(event, wrapped);
    if (wrapped.has(handler)) return;
    const listener: Listener = ({ detail }) => handler(detail);
    wrapped.set(handler, listener);
    if (this.#player !== null) listen(this.#player, event, listener);
  }

  off(event: string, handler: Handler): void {
    this.#analytics.delete(handler);
    const listener = this.#wrapped.get(event)?.get(handler);
    this.#wrapped.get(event)?.delete(handler);
    if (listener !== undefined) (OF_THE_API.has(event) ? this.#player?.api : this.#player?.video)?.removeEventListener(event, listener);
  }

  #show(otp: string, playbackInfo: string): VdoPlayer {
    if (this.#config === null || this.#container === null) throw new TypeError('init comes before load');
    const { server, autoplay, loop, litemode, controls, primaryColor, captions, language } = this.#config;
    const { keySystems = [], videoRobustness, audioRobustness } = this.#drm;
    const dress = { autoplay, loop, litemode, controls, primaryColor, ccLanguage: captions, lang: language };
    const address = new URL(playerAddress(server, { otp, playbackInfo, ...dress, videoRobustness, audioRobustness }));
    for (const system of keySystems) address.searchParams.append('keySystem', system);
    const frame = playerFrame(address.href);
    this.#container.replaceChildren(frame);
    const player = VdoPlayer.getInstance(frame);
    player.video.addEventListener('timeupdate', () => void this.#follow(player));
    for (const [event, handlers] of this.#wrapped) for (const listener of handlers.values()) listen(player, event, listener);
    return player;
  }

  async #follow(player: VdoPlayer): Promise<void> {
    this.#position = (await player.video['currentTime']) as number;
  }

  async #sendWatermark(): Promise<void> {
    await this.#player?.connection.call('api', 'call', 'setWatermark', this.#marks);
  }

  #command(op: 'call' | 'set', name: string, ...args: unknown[]): void {
    if (this.#player === null) throw new TypeError('load comes first');
    // What goes wrong is told by the event `error`.
    this.#player.connection.call('video', op, name, ...args).catch(() => {});
  }
}

function listen(player: VdoPlayer, event: string, listener: Listener): void {
  (OF_THE_API.has(event) ? player.api : player.video).addEventListener(event, listener);
}
