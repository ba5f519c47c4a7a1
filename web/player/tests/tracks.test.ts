import { expect, test } from 'vitest';

import { distinctLabels, nearestTrack, preferredTrack, qualityChoices, qualityLabel, spokenLabel } from '../src/tracks';

const size = (width: number | null, height: number | null, frameRate: number | null = 25, bandwidth = 1_000_000) => ({
  width,
  height,
  frameRate,
  bandwidth,
});

test.each([
  [size(1280, 720), '720p'],
  [size(720, 1280), '720p'],
  [size(1920, 1080, 59.94), '1080p60'],
  [size(1920, 1080, 29.97), '1080p'],
  [size(null, null), '1000 kbit/s'],
])('%j is called %s', (track, label) => {
  expect(qualityLabel(track)).toBe(label);
});

test('qualities are listed best first, once each', () => {
  const tracks = [size(640, 360, 25, 5), size(1280, 720, 25, 20), size(1280, 720, 25, 30)];
  expect(qualityChoices(tracks)).toEqual([
    { label: '720p', track: tracks[2] },
    { label: '360p', track: tracks[0] },
  ]);
});

test.each([
  ['de', null, 'Deutsch'],
  ['fr', 'Français', 'Français'],
  ['en', 'Original 5.1', 'English (Original 5.1)'],
  ['und', 'Commentary', 'Commentary'],
  ['not a tag', null, 'not a tag'],
])('language %s with label %s is called %s', (language, label, expected) => {
  expect(spokenLabel({ language, label })).toBe(expected);
});

test('forced captions say so', () => {
  expect(spokenLabel({ language: 'fr', label: null, forced: true })).toBe('Français (forced)');
  expect(spokenLabel({ language: 'fr', label: 'Signs', forced: true })).toBe('Français (Signs, forced)');
});

test('tracks with equal or no names are numbered', () => {
  const tracks = [
    { language: 'en', label: null },
    { language: 'en', label: null },
    { language: 'de', label: null },
    { language: 'und', label: null },
  ];
  expect(distinctLabels(tracks, 'Track')).toEqual(['English 1', 'English 2', 'Deutsch', 'Track 4']);
});

test.each([
  [['fr-CA', 'en'], 'fr'],
  [['it', 'DE-de'], 'de'],
  [['it'], 'en'],
])('a viewer who reads %j gets %s', (wanted, language) => {
  const tracks = ['en', 'de', 'fr'].map((code) => ({ language: code, label: null }));
  expect(preferredTrack(tracks, wanted)?.language).toBe(language);
});

test.each([
  [100, 300_000],
  [800, 900_000],
  [600, 300_000],
  [5000, 2_000_000],
])('nearest to %i kbit/s is %i', (kilobits, bandwidth) => {
  const tracks = [2_000_000, 300_000, 900_000].map((rate) => size(640, 360, 25, rate));
  expect(nearestTrack(tracks, kilobits)?.bandwidth).toBe(bandwidth);
  expect(nearestTrack([], kilobits)).toBeUndefined();
});
