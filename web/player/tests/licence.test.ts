import { expect, test } from 'vitest';

import { licenceAuthorisation } from '../src/licence';

const LICENCE = 2;
const filter = licenceAuthorisation('http://a/licence', 'tok', LICENCE);

function headersAfter(type: number, uri: string): Record<string, string> {
  const request = { uris: [uri], headers: {} };
  filter(type, request);
  return request.headers;
}

test('a licence request carries the token', () => {
  expect(headersAfter(LICENCE, 'http://a/licence')).toEqual({
    Authorization: 'Bearer tok',
    'Content-Type': 'application/json',
  });
});

test('a segment request does not', () => {
  expect(headersAfter(1, 'http://a/licence')).toEqual({});
});

test('a licence server that the session did not name does not get it', () => {
  expect(headersAfter(LICENCE, 'http://b/licence')).toEqual({});
});
