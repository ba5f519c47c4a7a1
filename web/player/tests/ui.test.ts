import { beforeEach, describe, expect, test, vi } from 'vitest';

import { rememberPosition, resumePosition, videoIdOf } from '../src/resume';
import { nextSpeed } from '../src/speeds';
import { luminance } from '../src/theme';
import { Taps } from '../src/touch';

describe('positions', () => {
  beforeEach(() => {
    const kept = new Map<string, string>();
    const localStorage = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
    };
    vi.stubGlobal('window', { localStorage });
  });

  test('are kept for the latest hundred videos', () => {
    for (let video = 0; video <= 100; video += 1) rememberPosition(`v${video}`, 20 + video, 600);
    expect([resumePosition('v0', 600), resumePosition('v1', 600), resumePosition('v100', 600)]).toEqual([null, 21, 120]);
  });

  test.each([5, 590])('at %d of 600 seconds nobody wants to go on', (seconds) => {
    rememberPosition('v', 300, 600);
    rememberPosition('v', seconds, 600);
    expect(resumePosition('v', 600)).toBeNull();
  });

  test('nothing is kept where the browser forbids it, and rubbish is nothing', () => {
    window.localStorage.setItem('sealcast.positions', '[[1], "x", ["v", "20"]]');
    expect(resumePosition('v', 600)).toBeNull();
    vi.stubGlobal('window', {});
    rememberPosition('v', 300, 600);
    expect(resumePosition('v', 600)).toBeNull();
  });

  test('belong to the video of the playbackInfo', () => {
    expect(videoIdOf(btoa('{"videoId":"abc"}'))).toBe('abc');
    for (const other of ['%', btoa('{}'), btoa('null')]) expect(videoIdOf(other)).toBeNull();
  });
});

test.each([
  [1, 1, 1.25],
  [2, 1, 2],
  [0.5, -1, 0.5],
  [1.1, -1, 0.75],
] as const)('from %d by %d: %d', (current, step, next) => expect(nextSpeed(current, step)).toBe(next));

test('two taps at a side jump, one wakes', () => {
  const taps = new Taps();
  expect(taps.tap(0.9, 0)).toEqual({ kind: 'wake' });
  expect(taps.tap(0.9, 200)).toEqual({ kind: 'seek-by', seconds: 10 });
  expect(taps.tap(0.1, 300)).toEqual({ kind: 'wake' });
  expect(taps.tap(0.1, 700)).toEqual({ kind: 'wake' });
  expect(taps.tap(0.1, 900)).toEqual({ kind: 'seek-by', seconds: -10 });
  expect([taps.tap(0.5, 1000), taps.tap(0.5, 1100)]).toEqual([{ kind: 'wake' }, { kind: 'wake' }]);
});

test("luminance is WCAG's", () => {
  expect(luminance(255, 255, 255)).toBeCloseTo(1);
  expect(luminance(229, 57, 53)).toBeCloseTo(0.19, 1);
  expect(luminance(0, 0, 0)).toBe(0);
});
