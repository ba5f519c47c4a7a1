/** VdoCipher's `VdoPlayer` over our player: `player.video` and `player.api` of a frame. */

import { Connection } from './connection';
import type { Listener } from './listeners';

/** Properties and functions of the frame's <video>; both answer promises. Assigning sets. */
export type VideoProxy = Record<string, unknown> & {
  addEventListener(type: string, listener: Listener): void;
  removeEventListener(type: string, listener: Listener): void;
};

const FUNCTIONS = new Set(['play', 'pause', 'canPlayType', 'getVideoPlaybackQuality']);

const API = [
  'getTotalPlayed', 'getTotalCovered', 'getTotalCoveredArray', 'getMetaData', 'getCaptionLanguages', 'setCaptionLanguage',
  'hideCaptions', 'getVideoQualities', 'setVideoQuality', 'enableAdaptiveVideo', 'setFullscreen',
] as const;

export type VdoApi = Record<(typeof API)[number], (argument?: unknown) => Promise<unknown>> & {
  /** Another video in the same frame; resolves when it can play. */
  loadVideo(code: { otp: string; playbackInfo: string }): Promise<void>;
  addEventListener(type: string, listener: Listener): void;
  removeEventListener(type: string, listener: Listener): void;
};

const instances = new WeakMap<HTMLIFrameElement, VdoPlayer>();

export class VdoPlayer {
  readonly video: VideoProxy;
  readonly api: VdoApi;

  private constructor(readonly connection: Connection) {
    this.video = videoProxy(connection);
    this.api = apiOf(connection);
  }

  /** The same player for the same frame. */
  static getInstance(frame: HTMLIFrameElement): VdoPlayer {
    const known = instances.get(frame);
    if (known !== undefined) return known;
    const player = new VdoPlayer(new Connection(frame));
    instances.set(frame, player);
    return player;
  }
}

function videoProxy(connection: Connection): VideoProxy {
  const { add, remove } = connection.video;
  const own: Record<string, unknown> = { addEventListener: add, removeEventListener: remove };
  return new Proxy(own, {
    get: (_, name) => {
      if (typeof name !== 'string' || name === 'then') return undefined;
      if (name in own) return own[name];
      if (!FUNCTIONS.has(name)) return connection.call('video', 'get', name);
      return async (...args: unknown[]) => connection.call('video', 'call', name, ...args);
    },
    set: (_, name, value) => {
      if (typeof name !== 'string') return false;
      connection.call('video', 'set', name, value).catch((error: Error) => console.error(error.message));
      return true;
    },
  }) as VideoProxy;
}

function apiOf(connection: Connection): VdoApi {
  const call = async (name: string, ...args: unknown[]): Promise<unknown> => connection.call('api', 'call', name, ...args);
  const functions = Object.fromEntries(API.map((name) => [name, async (...args: unknown[]) => call(name, ...args)]));
  const loadVideo: VdoApi['loadVideo'] = async (code) => {
    await call('loadVideo', code);
    await connection.arrival();
    await call('ready');
  };
  const { add, remove } = connection.api;
  return { ...functions, loadVideo, addEventListener: add, removeEventListener: remove } as VdoApi;
}
