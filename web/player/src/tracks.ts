/** How tracks are named in the menus. Pure functions over what Shaka reports. */

import { say } from './i18n/messages';

export interface PictureSize {
  readonly width: number | null;
  readonly height: number | null;
  readonly frameRate: number | null;
  readonly bandwidth: number;
}

export interface Spoken {
  readonly language: string;
  readonly label: string | null;
  /** Captions only for what is not in the audio's language. */
  readonly forced?: boolean;
}

/** "720p", "1080p60": the shorter side, so that portrait video gets the name people expect. */
export function qualityLabel(track: PictureSize): string {
  if (track.width === null || track.height === null) return `${Math.round(track.bandwidth / 1000)} kbit/s`;
  const fast = track.frameRate !== null && track.frameRate > 31;
  return `${Math.min(track.width, track.height)}p${fast ? Math.round(track.frameRate ?? 0) : ''}`;
}

/** Best first, one entry per label (the one with the highest bandwidth). */
export function qualityChoices<T extends PictureSize>(tracks: readonly T[]): { label: string; track: T }[] {
  const best = new Map<string, T>();
  for (const track of [...tracks].sort((a, b) => b.bandwidth - a.bandwidth)) {
    const label = qualityLabel(track);
    if (!best.has(label)) best.set(label, track);
  }
  return [...best].map(([label, track]) => ({ label, track }));
}

/** The track whose bit rate is nearest to `kilobits` a second; the smaller of two that are equally near. */
export function nearestTrack<T extends PictureSize>(tracks: readonly T[], kilobits: number): T | undefined {
  const distance = (track: T): number => Math.abs(track.bandwidth - kilobits * 1000);
  return [...tracks].sort((a, b) => distance(a) - distance(b) || a.bandwidth - b.bandwidth)[0];
}

/** The language's own name ("Deutsch"), with what else the track says of itself: "English (Commentary, forced)". */
export function spokenLabel(track: Spoken): string {
  const name = languageName(track.language);
  const label = track.label === name ? null : track.label;
  const more = [label, track.forced === true ? say('forced') : null].filter((part) => part !== null && part !== '').join(', ');
  if (name === '' || more === '') return name + more;
  return `${name} (${more})`;
}

function languageName(code: string): string {
  if (code === '' || code === 'und') return '';
  try {
    const name = new Intl.DisplayNames([code], { type: 'language', fallback: 'none' }).of(code);
    return name === undefined ? code : name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
  } catch {
    return code; // not a well-formed BCP 47 tag
  }
}

/** Labels of a whole menu; those that are empty or equal are told apart by number. */
export function distinctLabels(tracks: readonly Spoken[], word: string): string[] {
  const labels = tracks.map(spokenLabel);
  return labels.map((label, index) => {
    const alone = label !== '' && labels.indexOf(label) === labels.lastIndexOf(label);
    return alone ? label : `${label === '' ? word : label} ${index + 1}`;
  });
}

/** The first track in the most wanted language (BCP 47, regions ignored); the first of all when none is spoken. */
export function preferredTrack<T extends Spoken>(tracks: readonly T[], wanted: readonly string[]): T | undefined {
  for (const language of wanted) {
    const match = tracks.find((track) => primaryLanguage(track.language) === primaryLanguage(language));
    if (match !== undefined) return match;
  }
  return tracks[0];
}

/** "de" of "de-AT". */
export function primaryLanguage(code: string): string {
  return code.toLowerCase().split('-')[0] ?? '';
}
