import { afterEach, describe, expect, test } from 'vitest';

import { PlayerError } from '../src/errors';
import { ar } from '../src/i18n/ar';
import { de } from '../src/i18n/de';
import { en } from '../src/i18n/en';
import { es } from '../src/i18n/es';
import { hi } from '../src/i18n/hi';
import { offered, say, speak, spokenLanguage, type Messages } from '../src/i18n/messages';

const ALL: Readonly<Record<string, Messages>> = { en, es, de, hi, ar };

afterEach(() => speak(['en']));

describe.each(Object.entries(ALL))('%s', (_, messages) => {
  test('every code says what happened and what to do', () => {
    for (const [title, advice] of Object.values(messages.errors)) {
      expect(title).toMatch(/[^.\s]$/u);
      expect(advice).toMatch(/[.।]$/u);
    }
  });

  test('says everything, with the same values in it', () => {
    const values = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const [word, text] of Object.entries(en.ui)) {
      const translated = messages.ui[word as keyof typeof en.ui];
      expect(translated, word).not.toBe('');
      expect(values(translated), word).toEqual(values(text));
    }
  });
});

test.each([
  [['pt', 'de-AT', 'es'], 'de'],
  [['AR'], 'ar'],
  [['fr', 'constructor'], 'en'],
  [[], 'en'],
])('of %j, %s is offered', (wanted, language) => expect(offered(wanted)).toBe(language));

test('errors and words come in the language that is spoken', async () => {
  await speak(['ar-EG']);
  expect(spokenLanguage()).toEqual({ code: 'ar', direction: 'rtl' });
  expect(new PlayerError('OFFLINE').explanation).toEqual({
    title: ar.errors.OFFLINE[0],
    advice: ar.errors.OFFLINE[1],
    retry: true,
  });
  expect(say('resumed', { time: '1:05' })).toBe('المتابعة من 1:05');
});
