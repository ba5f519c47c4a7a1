/** What the address of the page asks for: VdoCipher's embed parameters, and a few of our own. */

export type ControlsChoice = 'on' | 'off' | 'native';

export interface DrmChoice {
  /** EME names, most wanted first; empty for the browser's own order. */
  readonly keySystems: readonly string[];
  readonly videoRobustness: string;
  readonly audioRobustness: string;
}

export interface Parameters {
  /** A CSS colour; null for the page's own. */
  readonly primaryColor: string | null;
  /** BCP 47: captions in this language are shown from the start. */
  readonly captions: string | null;
  /** BCP 47: the page's own language; null for the browser's. */
  readonly language: string | null;
  /** Nothing is loaded until somebody presses play. */
  readonly lite: boolean;
  /** Without sound: browsers allow no other. */
  readonly autoplay: boolean;
  readonly loop: boolean;
  readonly controls: ControlsChoice;
  readonly drm: DrmChoice;
}

const LANGUAGE = /^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$/i;
const HEX = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i;
const NAME = /^[a-z]{3,24}$/i;
const ROBUSTNESS = /^[A-Z0-9_]{1,40}$/;

/** Whatever is not understood is as if it were not there; `player` and `theme` are VdoCipher's, and not ours. */
export function parameters(query: string): Parameters {
  const given = new URLSearchParams(query);
  const robustness = (name: string): string => matching(given.get(name), ROBUSTNESS) ?? '';
  return {
    primaryColor: color(given.get('primaryColor')),
    captions: matching(given.get('ccLanguage'), LANGUAGE),
    language: matching(given.get('lang'), LANGUAGE),
    lite: on(given.get('litemode')),
    autoplay: on(given.get('autoplay')) || given.get('autoplay') === 'muted',
    loop: on(given.get('loop')),
    controls: controls(given.get('controls')),
    drm: {
      keySystems: given.getAll('keySystem').filter((name) => /^[a-z0-9.]{3,60}$/.test(name)),
      videoRobustness: robustness('videoRobustness'),
      audioRobustness: robustness('audioRobustness'),
    },
  };
}

function on(value: string | null): boolean {
  return value !== null && ['true', '1', 'on', ''].includes(value.toLowerCase());
}

function controls(value: string | null): ControlsChoice {
  return value === 'off' || value === 'native' ? value : 'on';
}

function matching(value: string | null, pattern: RegExp): string | null {
  return value !== null && pattern.test(value) ? value : null;
}

function color(value: string | null): string | null {
  const hex = HEX.exec(value ?? '')?.[1];
  return hex === undefined ? matching(value, NAME)?.toLowerCase() ?? null : `#${hex.toLowerCase()}`;
}
