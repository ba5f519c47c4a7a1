/** What of the <video> an embedding page may read, set and call. Nothing that would take the picture elsewhere. */

import type { Call } from './protocol';

const READABLE = new Set([
  'autoplay', 'buffered', 'currentTime', 'defaultPlaybackRate', 'duration', 'ended', 'error', 'loop', 'muted',
  'networkState', 'paused', 'playbackRate', 'played', 'readyState', 'seekable', 'seeking', 'videoHeight', 'videoWidth',
  'volume',
]);
const WRITABLE: ReadonlyMap<string, 'number' | 'boolean'> = new Map([
  ['currentTime', 'number'],
  ['defaultPlaybackRate', 'number'],
  ['loop', 'boolean'],
  ['muted', 'boolean'],
  ['playbackRate', 'number'],
  ['volume', 'number'],
]);

export const VIDEO_EVENTS = [
  'abort', 'canplay', 'canplaythrough', 'durationchange', 'emptied', 'ended', 'loadeddata', 'loadedmetadata', 'loadstart',
  'pause', 'play', 'playing', 'progress', 'ratechange', 'resize', 'seeked', 'seeking', 'stalled', 'suspend', 'timeupdate',
  'volumechange', 'waiting',
] as const;

/** Throws a TypeError for what is not offered. `play` also starts a page that waits for it. */
export function useVideo(video: HTMLVideoElement, play: () => Promise<void>, { op, name, args }: Call): unknown {
  const [value] = args;
  if (op === 'get' && READABLE.has(name)) return plain(video[name as keyof HTMLVideoElement]);
  if (op === 'set' && typeof value === WRITABLE.get(name)) {
    Object.assign(video, { [name]: value });
    return undefined;
  }
  if (op === 'call') {
    switch (name) {
      case 'play':
        return play();
      case 'pause':
        return video.pause();
      case 'canPlayType':
        return video.canPlayType(String(value));
      case 'getVideoPlaybackQuality': {
        const { creationTime, droppedVideoFrames, totalVideoFrames } = video.getVideoPlaybackQuality();
        return { creationTime, droppedVideoFrames, totalVideoFrames };
      }
    }
  }
  throw new TypeError(`player.video has no ${name} to ${op}`);
}

/** What can be sent: ranges as pairs of seconds, an error as its code. */
function plain(value: unknown): unknown {
  if (value instanceof TimeRanges) {
    return Array.from({ length: value.length }, (_, index) => [value.start(index), value.end(index)]);
  }
  return value instanceof MediaError ? { code: value.code } : value;
}
