import { expect, test } from 'vitest';

import { clock, spokenPosition } from '../src/time';

test.each([
  [0, '0:00'],
  [65.9, '1:05'],
  [3845, '1:04:05'],
  [Number.NaN, '0:00'],
  [Number.POSITIVE_INFINITY, '0:00'],
])('%d s reads %s', (seconds, text) => {
  expect(clock(seconds)).toBe(text);
});

test('a position is spoken in words', () => {
  expect(spokenPosition(65, 3720)).toBe('1 minute 5 seconds of 1 hour 2 minutes');
  expect(spokenPosition(0, 1)).toBe('0 seconds of 1 second');
});
