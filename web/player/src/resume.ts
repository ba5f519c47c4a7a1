/** Where the viewer was, kept in this browser under the video's id. */

import { keep, kept } from './kept';

const MOST = 100;
const LIST = 'positions';
/** Seconds: neither a glance nor the credits are worth coming back to. */
const [FROM_START, TO_END] = [10, 15];

type Positions = [id: string, seconds: number][];

/** The id in VdoCipher's playbackInfo; null when it says none. */
export function videoIdOf(playbackInfo: string): string | null {
  try {
    const { videoId } = JSON.parse(atob(playbackInfo)) as { videoId?: unknown };
    return typeof videoId === 'string' && videoId !== '' ? videoId : null;
  } catch {
    return null;
  }
}

/** Seconds; null where there is nothing to go on with. */
export function resumePosition(id: string, duration: number): number | null {
  const seconds = positions().find(([known]) => known === id)?.[1];
  return seconds !== undefined && worthwhile(seconds, duration) ? seconds : null;
}

/** The latest hundred videos are remembered. */
export function rememberPosition(id: string, seconds: number, duration: number): void {
  const others = positions().filter(([known]) => known !== id);
  const all: Positions = worthwhile(seconds, duration) ? [[id, Math.floor(seconds)], ...others] : others;
  keep(LIST, JSON.stringify(all.slice(0, MOST)));
}

function worthwhile(seconds: number, duration: number): boolean {
  return seconds >= FROM_START && seconds <= duration - TO_END;
}

function positions(): Positions {
  try {
    const stored: unknown = JSON.parse(kept(LIST) ?? '[]');
    const valid = (entry: unknown): boolean => Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number';
    return Array.isArray(stored) ? (stored.filter(valid) as Positions) : [];
  } catch {
    return [];
  }
}
