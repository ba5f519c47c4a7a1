import { expect, test } from 'vitest';

import { Coverage } from '../src/coverage';

function played(...stretches: (readonly [from: number, to: number])[]): Coverage {
  const coverage = new Coverage();
  for (const [from, to] of stretches) {
    coverage.interrupt();
    for (let position = from; position <= to; position += 0.25) coverage.at(position);
  }
  return coverage;
}

test('counts seconds that were played, and how often', () => {
  const coverage = played([0, 2.5], [1, 2.5]);
  expect(coverage.counts).toEqual([1, 2, 2]);
  expect(coverage.covered).toBe(3);
  expect(coverage.total).toBeCloseTo(4);
});

test('a jump is not played', () => {
  const coverage = new Coverage();
  for (const position of [0, 0.25, 60]) coverage.at(position);
  expect(coverage.total).toBeCloseTo(0.25);
  expect(coverage.covered).toBe(2);
});

test('no second is left out when the positions come far apart', () => {
  const coverage = new Coverage();
  for (const position of [0, 3.5]) coverage.at(position);
  expect(coverage.counts).toEqual([1, 1, 1, 1]);
});
