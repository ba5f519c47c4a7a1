import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { PlayerError } from '../src/errors';
import { Heartbeat, parseAnswer } from '../src/heartbeat';

const GO_ON = { action: 'continue', interval: 4, reason: null };

/** A server that answers in turn, the last answer for ever; a function may throw. */
function server(...answers: (() => Response)[]) {
  const calls: [string, RequestInit][] = [];
  const fetcher = (async (url: string, init: RequestInit) => {
    const answer = answers[Math.min(calls.length, answers.length - 1)];
    calls.push([url, init]);
    return answer!();
  }) as typeof fetch;
  return { calls, fetcher };
}

const json = (body: unknown, status = 200) => () => Response.json(body, { status });
const offline = () => {
  throw new TypeError('Failed to fetch');
};

function beating(fetcher: typeof fetch) {
  const heartbeat = new Heartbeat('tok', 'https://play.example', () => ({ position: 1.5 }), fetcher);
  const stops: PlayerError[] = [];
  heartbeat.onStop = (error) => stops.push(error);
  return { heartbeat, stops };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('parseAnswer', () => {
  test('seconds become milliseconds', () => {
    expect(parseAnswer(GO_ON)).toEqual({ stop: null, interval: 4000 });
  });

  test.each(['ENDED', 'TAKEN_OVER', 'TOO_MANY_STREAMS', 'DEVICE_BLOCKED', 'DEVICE_RESET'])('knows %s', (reason) => {
    expect(parseAnswer({ action: 'stop', interval: 4, reason })?.stop).toBe(reason);
  });

  test('a reason of a newer server is an ending', () => {
    expect(parseAnswer({ action: 'stop', interval: 4, reason: 'NEW' })?.stop).toBe('ENDED');
  });

  test.each([[null], ['x'], [{}], [{ action: 'dance', interval: 4 }], [{ action: 'continue', interval: 0 }]])(
    '%j is no answer',
    (body) => expect(parseAnswer(body)).toBeNull(),
  );
});

describe('Heartbeat', () => {
  test('says at once that it plays, with the token and the position', async () => {
    const { calls, fetcher } = server(json(GO_ON));
    beating(fetcher).heartbeat.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toHaveLength(1);
    const [url, init] = calls[0]!;
    expect(url).toBe('https://play.example/api/playback/heartbeat');
    expect(init.headers).toEqual({ Authorization: 'Bearer tok', 'Content-Type': 'application/json' });
    expect(init.body).toBe('{"position":1.5}');
  });

  test('repeats at the interval that the server gives', async () => {
    const { calls, fetcher } = server(json(GO_ON));
    beating(fetcher).heartbeat.start();
    await vi.advanceTimersByTimeAsync(8001);
    expect(calls).toHaveLength(3);
  });

  test('keeps quiet while paused, and does not hurry after it', async () => {
    const { calls, fetcher } = server(json(GO_ON));
    const { heartbeat } = beating(fetcher);
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(1000);
    heartbeat.pause();
    heartbeat.start();
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(1000);
    expect(calls).toHaveLength(1);
    heartbeat.pause();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(1);
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toHaveLength(2);
  });

  test('pausing and playing during an answer leaves one beat an interval', async () => {
    const { calls, fetcher } = server(json(GO_ON));
    const slow = (async (...request: Parameters<typeof fetch>) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      return fetcher(...request);
    }) as typeof fetch;
    const { heartbeat } = beating(slow);
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(100);
    heartbeat.pause();
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(calls.length).toBeLessThanOrEqual(5);
  });

  test('stops once, with the reason', async () => {
    const { calls, fetcher } = server(json(GO_ON), json({ action: 'stop', interval: 4, reason: 'TAKEN_OVER' }));
    const { heartbeat, stops } = beating(fetcher);
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stops.map((error) => error.code)).toEqual(['TAKEN_OVER']);
    expect(calls).toHaveLength(2);
  });

  test('a token that is no longer good stops it', async () => {
    const { fetcher } = server(json({ code: 'UNAUTHENTICATED' }, 401));
    const { heartbeat, stops } = beating(fetcher);
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(stops.map((error) => error.code)).toEqual(['SESSION_EXPIRED']);
  });

  test.each([
    ['an unreachable server', offline],
    ['a failing one', json({ code: 'UNAVAILABLE' }, 503)],
    ['one that talks nonsense', json({})],
    ['one that sends no JSON', () => new Response('<html>')],
  ])('%s stops nobody', async (_situation, answer) => {
    const { calls, fetcher } = server(answer, json(GO_ON));
    const { heartbeat, stops } = beating(fetcher);
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(10_001);
    expect(calls).toHaveLength(2);
    expect(stops).toEqual([]);
  });
});

describe('explain', () => {
  test('asks why media were refused', async () => {
    const { fetcher } = server(json({ action: 'stop', interval: 4, reason: 'ENDED' }));
    const explained = await beating(fetcher).heartbeat.explain(new PlayerError('SESSION_EXPIRED'));
    expect(explained.code).toBe('ENDED');
  });

  test('keeps the error when the server has no reason', async () => {
    const error = new PlayerError('SESSION_EXPIRED');
    for (const answer of [json(GO_ON), offline]) {
      expect(await beating(server(answer).fetcher).heartbeat.explain(error)).toBe(error);
    }
  });

  test('asks about nothing else', async () => {
    const { calls, fetcher } = server(json(GO_ON));
    const error = new PlayerError('NETWORK');
    expect(await beating(fetcher).heartbeat.explain(error)).toBe(error);
    expect(calls).toHaveLength(0);
  });
});
