import { describe, expect, test, vi } from 'vitest';

import { redemptionError } from '../src/errors';
import { deviceName, embeddingPage, playbackCode, randomName, redeem } from '../src/otp';

const ORIGIN = 'https://play.example';
const CODE = { otp: 'f'.repeat(64), playbackInfo: 'eyJ2aWRlb0lkIjoieCJ9' };
const ASKER = { device: 'd'.repeat(32), nonce: 'n'.repeat(32), href: 'https://shop.example/' };
const BODY = {
  token: 'a.b.c',
  title: 'Clip',
  duration: 22.5,
  dash_url: '/media/x/manifest.mpd',
  licence_url: '/api/licences/clearkey',
  poster_url: null,
  thumbnails_url: null,
  forced_bitrate: 800,
};

const at = async (): Promise<void> => {};

describe('playbackCode', () => {
  test('is read from the query', () => {
    expect(playbackCode(`?otp=${CODE.otp}&playbackInfo=${CODE.playbackInfo}&autoplay=muted`)).toEqual(CODE);
    expect(playbackCode('?otp=x&playbackInfo=ab+c')).toEqual({ otp: 'x', playbackInfo: 'ab+c' });
  });

  test.each(['', '?', '?autoplay=muted', '?otp=&playbackInfo='])('%j has none', (query) => {
    expect(playbackCode(query)).toBeNull();
  });

  test.each(['?otp=x', '?playbackInfo=x'])('%j is half of one', (query) => {
    expect(() => playbackCode(query)).toThrow(expect.objectContaining({ code: 'SESSION_MISSING' }));
  });
});

describe('deviceName', () => {
  test('is kept', () => {
    const kept = new Map<string, string>();
    const storage = () =>
      ({
        getItem: (key: string) => kept.get(key) ?? null,
        setItem: (key: string, value: string) => void kept.set(key, value),
      }) as unknown as Storage;
    const name = deviceName(storage);
    expect(name).toMatch(/^[0-9a-f]{32}$/);
    expect(deviceName(storage)).toBe(name);
    kept.set('sealcast.device', '<script>');
    expect(deviceName(storage)).toMatch(/^[0-9a-f]{32}$/);
  });

  test('is a new one where nothing may be kept', () => {
    const refused = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    expect(deviceName(refused)).not.toBe(deviceName(refused));
  });
});

test('names are random', () => {
  expect(randomName()).not.toBe(randomName());
});

describe('embeddingPage', () => {
  const page = (framed: boolean, ancestors?: string[], referrer = 'https://referrer.example/page?x=1') => ({
    framed,
    location: { origin: ORIGIN, ancestorOrigins: ancestors } as unknown as Location,
    document: { referrer } as Document,
  });

  test('is this page itself when nothing embeds it', () => {
    expect(embeddingPage(page(false, []))).toBe(ORIGIN);
  });

  test('is the ancestor, or the referrer where ancestors are not told', () => {
    expect(embeddingPage(page(true, ['https://shop.example', 'https://top.example']))).toBe('https://shop.example');
    expect(embeddingPage(page(true))).toBe('https://referrer.example');
    expect(embeddingPage(page(true, undefined, ''))).toBe('');
  });
});

describe('redeem', () => {
  test('sends code and asker, and gives session and token', async () => {
    const fetcher = vi.fn(async () => Response.json(BODY));
    const redeemed = await redeem(CODE, ASKER, ORIGIN, fetcher as typeof fetch, at);
    expect(redeemed.token).toBe('a.b.c');
    expect(redeemed.session.manifestUrl).toBe(`${ORIGIN}/media/x/manifest.mpd`);
    expect(redeemed.session.forcedBitrate).toBe(800);
    const [url, request] = fetcher.mock.calls[0] as unknown as [string, RequestInit];
    expect(url).toBe(`${ORIGIN}/api/playback/redeem`);
    expect(request.method).toBe('POST');
    expect(JSON.parse(String(request.body))).toEqual({
      ...CODE,
      device_id: ASKER.device,
      nonce: ASKER.nonce,
      href: ASKER.href,
    });
  });

  test('a lost answer is asked for again, with the same words', async () => {
    const bodies: unknown[] = [];
    const fetcher = vi.fn(async (_url: string, request: RequestInit) => {
      bodies.push(request.body);
      if (bodies.length < 3) throw new TypeError('Failed to fetch');
      return Response.json(BODY);
    });
    await redeem(CODE, ASKER, ORIGIN, fetcher as unknown as typeof fetch, at);
    expect(bodies).toHaveLength(3);
    expect(new Set(bodies).size).toBe(1);
  });

  test('an unreachable API is a network error in the end', async () => {
    const fetcher = vi.fn(async () => {
      throw new TypeError('Failed to fetch');
    });
    await expect(redeem(CODE, ASKER, ORIGIN, fetcher as typeof fetch, at)).rejects.toMatchObject({ code: 'NETWORK' });
    expect(fetcher).toHaveBeenCalledTimes(3);
  });

  test('a refusal is not asked for again', async () => {
    const fetcher = vi.fn(async () => new Response('{"code": "OTP_USED"}', { status: 403 }));
    await expect(redeem(CODE, ASKER, ORIGIN, fetcher as typeof fetch, at)).rejects.toMatchObject({ code: 'OTP_USED' });
    expect(fetcher).toHaveBeenCalledTimes(1);
  });

  test.each([[{ ...BODY, token: 7 }], [{ token: 'a.b.c' }], [null]])('refuses the answer %j', async (body) => {
    const fetcher = (async () => Response.json(body)) as typeof fetch;
    await expect(redeem(CODE, ASKER, ORIGIN, fetcher, at)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});

describe('redemptionError', () => {
  test.each([
    [403, 'OTP_INVALID', 'OTP_INVALID'],
    [403, 'OTP_EXPIRED', 'OTP_EXPIRED'],
    [403, 'OTP_USED', 'OTP_USED'],
    [403, 'DOMAIN_NOT_ALLOWED', 'DOMAIN_NOT_ALLOWED'],
    [403, 'LOCATION_NOT_ALLOWED', 'LOCATION_NOT_ALLOWED'],
    [403, 'GEOIP_UNAVAILABLE', 'LOCATION_NOT_ALLOWED'],
    [403, 'DEVICE_UNKNOWN', 'SESSION_REFUSED'],
    [403, 'SESSION_ENDED', 'SESSION_EXPIRED'],
    [403, 'NETWORK', 'SESSION_REFUSED'],
    [404, 'NOT_FOUND', 'TITLE_UNAVAILABLE'],
    [422, 'INVALID_INPUT', 'OTP_INVALID'],
    [503, 'UNAVAILABLE', 'SERVICE_UNAVAILABLE'],
  ])('HTTP %i with %s is %s', (status, problem, code) => {
    expect(redemptionError(status, JSON.stringify({ code: problem })).code).toBe(code);
  });
});
