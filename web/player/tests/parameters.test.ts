import { describe, expect, test } from 'vitest';

import { parameters } from '../src/embed/parameters';

const STANDARD = parameters('');

describe('parameters', () => {
  test('without any, everything is as usual', () => {
    expect(STANDARD).toEqual({
      primaryColor: null,
      captions: null,
      language: null,
      lite: false,
      autoplay: false,
      loop: false,
      controls: 'on',
      drm: { keySystems: [], videoRobustness: '', audioRobustness: '' },
    });
  });

  test("reads VdoCipher's", () => {
    expect(parameters('?primaryColor=FF8800&ccLanguage=pt-BR&litemode=true&autoplay=true&controls=off&loop=true')).toMatchObject({
      primaryColor: '#ff8800',
      captions: 'pt-BR',
      lite: true,
      autoplay: true,
      controls: 'off',
      loop: true,
    });
    expect(parameters('?primaryColor=Tomato&controls=native')).toMatchObject({ primaryColor: 'tomato', controls: 'native' });
  });

  test.each(['player=abcdefghijklmnop', 'theme=9ae8bbe8dd964ddc9bdb932cca1cb59a', 'primaryColor=url(x)', 'ccLanguage=<b>',
    'controls=some', 'litemode=false', 'autoplay=no', 'keySystem=x"y', 'videoRobustness=a%20b'])('%s changes nothing', (query) => {
    expect(parameters(query)).toEqual(STANDARD);
  });

  test('reads what a key system should be', () => {
    expect(parameters('keySystem=com.widevine.alpha&keySystem=org.w3.clearkey&videoRobustness=HW_SECURE_ALL').drm).toEqual({
      keySystems: ['com.widevine.alpha', 'org.w3.clearkey'],
      videoRobustness: 'HW_SECURE_ALL',
      audioRobustness: '',
    });
  });
});
