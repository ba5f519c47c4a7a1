import { describe, expect, test } from 'vitest';

import { openSession, parseSession, playbackToken } from '../src/session';

const ORIGIN = 'https://play.example';

const BODY = {
  title: 'Clip',
  duration: 22.5,
  dash_url: '/media/x/manifest.mpd',
  hls_url: '/media/x/master.m3u8',
  licence_url: 'https://play.example/api/licences/clearkey',
  poster_url: '/media/x/poster.jpg',
  thumbnails_url: null,
  expires_at: '2026-01-01T00:00:00Z',
};

describe('playbackToken', () => {
  test('is the fragment without its hash', () => {
    expect(playbackToken('#abc.def')).toBe('abc.def');
  });

  test.each(['', '#'])('an empty fragment (%j) is a missing session', (fragment) => {
    expect(() => playbackToken(fragment)).toThrow(expect.objectContaining({ code: 'SESSION_MISSING' }));
  });
});

describe('parseSession', () => {
  test('reads the names of the API', () => {
    expect(parseSession(BODY, ORIGIN)).toEqual({
      title: 'Clip',
      duration: 22.5,
      manifestUrl: 'https://play.example/media/x/manifest.mpd',
      licenceUrl: 'https://play.example/api/licences/clearkey',
      licenceUrls: { 'org.w3.clearkey': 'https://play.example/api/licences/clearkey' },
      posterUrl: 'https://play.example/media/x/poster.jpg',
      thumbnailsUrl: null,
      forcedBitrate: null,
      watermark: [],
    });
    expect(parseSession({ ...BODY, forced_bitrate: 800 }, ORIGIN).forcedBitrate).toBe(800);
  });

  test('plays HLS where there is no DASH', () => {
    const { manifestUrl } = parseSession({ ...BODY, dash_url: null }, ORIGIN);
    expect(manifestUrl).toBe('https://play.example/media/x/master.m3u8');
  });

  test.each([[null], ['text'], [{}], [{ ...BODY, dash_url: 7 }], [{ ...BODY, licence_url: '' }]])(
    'refuses %j',
    (body) => {
      expect(() => parseSession(body, ORIGIN)).toThrow(expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' }));
    },
  );
});

describe('openSession', () => {
  test('sends the token as a bearer, to the session route only', async () => {
    const calls: [string, RequestInit | undefined][] = [];
    const fetcher = (async (url: string, init?: RequestInit) => {
      calls.push([url, init]);
      return Response.json(BODY);
    }) as typeof fetch;
    await openSession('tok', ORIGIN, fetcher);
    expect(calls).toEqual([
      ['https://play.example/api/playback/session', { headers: { Authorization: 'Bearer tok' }, cache: 'no-store' }],
    ]);
  });

  test('an expired token says so', async () => {
    const fetcher = (async () => new Response('{}', { status: 401 })) as typeof fetch;
    await expect(openSession('tok', ORIGIN, fetcher)).rejects.toMatchObject({ code: 'SESSION_EXPIRED', detail: 'HTTP 401' });
  });

  test('an unreachable API is a network error', async () => {
    const fetcher = (async () => {
      throw new TypeError('Failed to fetch');
    }) as typeof fetch;
    await expect(openSession('tok', ORIGIN, fetcher)).rejects.toMatchObject({ code: 'NETWORK' });
  });

  test('an answer that is not JSON is a failing service', async () => {
    const fetcher = (async () => new Response('<html>')) as typeof fetch;
    await expect(openSession('tok', ORIGIN, fetcher)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});
