import { describe, expect, test } from 'vitest';

import { inItsPlace } from '../src/surroundings';
import { PlayerError, playbackError, sessionError } from '../src/errors';

const fault = (code: number, category: number, data: unknown[] = []) => ({ code, category, data });
const refusedBy = (status: number, body = '') => fault(1001, 1, ['http://host/secret', status, body]);
const ENDED = '{"code": "SESSION_ENDED", "detail": "The playback session has ended."}';

describe('sessionError', () => {
  test.each([
    [401, 'SESSION_EXPIRED'],
    [403, 'SESSION_REFUSED'],
    [404, 'TITLE_UNAVAILABLE'],
    [409, 'TITLE_UNAVAILABLE'],
    [500, 'SERVICE_UNAVAILABLE'],
  ])('HTTP %i is %s', (status, code) => {
    expect(sessionError(status).code).toBe(code);
  });
});

test('a session that was ended early has expired, whatever the status', () => {
  expect(sessionError(403, ENDED).code).toBe('SESSION_EXPIRED');
  expect(sessionError(403, '"SESSION_ENDED"').code).toBe('SESSION_REFUSED');
  expect(sessionError(403, 'null').code).toBe('SESSION_REFUSED');
});

test('a refusal that names its reason is shown as that', () => {
  expect(sessionError(403, '{"code": "TOO_MANY_STREAMS"}').code).toBe('TOO_MANY_STREAMS');
  expect(sessionError(403, '{"code": "DEVICE_LIMIT"}').code).toBe('DEVICE_LIMIT');
  expect(sessionError(403, '{"code": "NETWORK"}').code).toBe('SESSION_REFUSED');
});

describe('playbackError', () => {
  test.each([
    ['licence refused with 403', fault(6007, 6, [refusedBy(403)]), 'LICENCE_REFUSED'],
    ['licence refused with 401', fault(6007, 6, [refusedBy(401)]), 'SESSION_EXPIRED'],
    ['licence refused as the session was ended', fault(6007, 6, [refusedBy(403, ENDED)]), 'SESSION_EXPIRED'],
    ['licence server failing', fault(6007, 6, [refusedBy(503)]), 'LICENCE_UNAVAILABLE'],
    ['licence server unreachable', fault(6007, 6, [fault(1002, 1, ['http://host/'])]), 'LICENCE_UNAVAILABLE'],
    ['no key for any rendition', fault(4012, 4), 'LICENCE_REFUSED'],
    ['no EME', fault(6001, 6), 'UNSUPPORTED_BROWSER'],
    ['keys expired', fault(6014, 6), 'SESSION_EXPIRED'],
    ['segment forbidden', refusedBy(403), 'SESSION_EXPIRED'],
    ['segment gone', refusedBy(404), 'TITLE_UNAVAILABLE'],
    ['store failing', refusedBy(503), 'SERVICE_UNAVAILABLE'],
    ['offline', fault(1002, 1, ['http://host/']), 'NETWORK'],
    ['decoder error', fault(3016, 3, [3]), 'DECODING_FAILED'],
    ['anything else', fault(9999, 9), 'PLAYBACK_FAILED'],
    ['a thrown bug', new TypeError('x'), 'PLAYBACK_FAILED'],
  ])('%s', (_situation, thrown, code) => {
    expect(playbackError(thrown).code).toBe(code);
  });

  test('an address never reaches the detail', () => {
    expect(playbackError(refusedBy(403)).detail).toBe('1001, HTTP 403');
    expect(playbackError(fault(6007, 6, [refusedBy(403)])).detail).toBe('6007, HTTP 403');
  });

  test('our own errors pass unchanged', () => {
    const own = new PlayerError('NETWORK');
    expect(playbackError(own)).toBe(own);
  });
});


test('offline and insecure pages have reasons of their own', () => {
  const code = (error: PlayerError, online: boolean, secure: boolean) => inItsPlace(error, online, secure).code;
  expect(code(new PlayerError('NETWORK'), false, true)).toBe('OFFLINE');
  expect(code(new PlayerError('NETWORK'), true, false)).toBe('NETWORK');
  expect(code(new PlayerError('UNSUPPORTED_BROWSER'), true, false)).toBe('INSECURE_ORIGIN');
  expect(code(new PlayerError('UNSUPPORTED_BROWSER'), false, true)).toBe('UNSUPPORTED_BROWSER');
});
