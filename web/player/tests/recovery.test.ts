import { describe, expect, test } from 'vitest';

import { PlayerError } from '../src/errors';
import { Recovery } from '../src/recovery';

const lost = new PlayerError('NETWORK', '1002');
const missing = new PlayerError('TITLE_UNAVAILABLE', '1001, HTTP 404');

describe('Recovery', () => {
  test('tries again ever more slowly, for a minute', () => {
    const recovery = new Recovery();
    const delays = [0, 2, 5, 10, 20, 35, 50].map((second) => recovery.step(lost, true, second * 1000));
    expect(delays.map((step) => (step.kind === 'retry' ? step.delay / 1000 : step.kind))).toEqual([1, 2, 4, 8, 8, 8, 8]);
    expect(recovery.step(lost, true, 61_000)).toEqual({ kind: 'give-up', error: lost });
  });

  test('who is offline is waited for', () => {
    const recovery = new Recovery();
    for (let second = 0; second < 3600; second += 10) expect(recovery.step(lost, false, second * 1000).kind).toBe('retry');
  });

  test('failures far apart are counted anew', () => {
    const recovery = new Recovery();
    for (let second = 0; second < 600; second += 30) expect(recovery.step(lost, true, second * 1000)).toMatchObject({ delay: 1000 });
  });

  test('a hole is left out, a hole without end is not', () => {
    const recovery = new Recovery();
    const steps = Array.from({ length: 7 }, (_, second) => recovery.step(missing, true, second * 1000));
    expect(steps.slice(0, 6).every(({ kind }) => kind === 'skip')).toBe(true);
    expect(steps[6]).toMatchObject({ kind: 'give-up', error: { code: 'SEGMENT_MISSING', detail: '1001, HTTP 404' } });
  });

  test.each(['LICENCE_REFUSED', 'SESSION_EXPIRED', 'DECODING_FAILED'] as const)('%s is final', (code) => {
    expect(new Recovery().step(new PlayerError(code), true, 0).kind).toBe('give-up');
  });
});
