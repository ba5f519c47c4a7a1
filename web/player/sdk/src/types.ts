/** What @sealcast/player speaks about. */

export interface PlayerConfig {
  /** Where Sealcast's API is, for instance "https://video.example.com". */
  readonly server: string;
  /** The element (or a selector for it) that the player fills. */
  readonly container: HTMLElement | string;
  readonly autoplay?: boolean;
  readonly loop?: boolean;
  /** Nothing is loaded until somebody presses play. */
  readonly litemode?: boolean;
  readonly controls?: 'on' | 'off' | 'native';
  /** A CSS colour name, or HEX with or without "#". */
  readonly primaryColor?: string;
  /** BCP 47: captions to show from the start. */
  readonly captions?: string;
  /** BCP 47: the player's own language; the browser's without it. */
  readonly language?: string;
}

export interface DRMConfig {
  /** Key systems by their EME names, most wanted first. */
  readonly keySystems?: readonly string[];
  /** As the key system names it, for instance "HW_SECURE_ALL" (Widevine). */
  readonly videoRobustness?: string;
  readonly audioRobustness?: string;
}

export interface AnalyticsEvent {
  readonly name: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** An AnalyticsEvent with where and when it happened. */
export interface TrackedEvent extends AnalyticsEvent {
  readonly videoId: string | null;
  /** Seconds. */
  readonly position: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** One item of VdoCipher's `annotate`, or several. Added to what the OTP says, never in its place. */
export type WatermarkConfig = WatermarkItem | readonly WatermarkItem[];

export interface WatermarkItem {
  readonly type: 'rtext' | 'text' | 'image';
  readonly text?: string;
  readonly url?: string;
  readonly alpha?: number | string;
  readonly color?: string;
  readonly size?: number | string;
  readonly x?: number | string;
  readonly y?: number | string;
  readonly interval?: number | string;
  readonly skip?: number | string;
}

export type Handler = (detail: unknown) => void;
