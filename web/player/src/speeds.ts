/** How fast it can play. */

import { say } from './i18n/messages';
import type { Choice } from './playing-tracks';

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

export function speedChoices(video: HTMLVideoElement): Choice[] {
  return SPEEDS.map((speed) => ({
    label: speedLabel(speed),
    active: video.playbackRate === speed,
    choose: () => (video.playbackRate = speed),
  }));
}

/** The next faster (1) or slower (-1) one; the same at either end. */
export function nextSpeed(current: number, step: 1 | -1): number {
  const nearest = SPEEDS.reduce((best, speed) => (Math.abs(speed - current) < Math.abs(best - current) ? speed : best));
  return SPEEDS[SPEEDS.indexOf(nearest) + step] ?? nearest;
}

export function speedLabel(speed: number): string {
  return speed === 1 ? say('normal') : `${speed}×`;
}
