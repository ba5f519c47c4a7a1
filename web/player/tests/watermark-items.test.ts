import { describe, expect, test } from 'vitest';

import { watermarkItems } from '../src/watermark/items';

describe('watermarkItems', () => {
  test('reads every field, as strings and as numbers', () => {
    const moving = { type: 'rtext', text: 'a@b.c', alpha: '0.60', color: '0xFF8000', size: '20', interval: '5000', skip: '2000' };
    expect(watermarkItems([moving])).toEqual([
      { type: 'rtext', text: 'a@b.c', alpha: 0.6, color: '#ff8000', size: 20, interval: 5000, skip: 2000 },
    ]);
    const still = { type: 'text', text: 'x', alpha: 1, x: '10', y: 100, color: '0x00ff00', size: 12 };
    const picture = { type: 'image', url: 'https://a.example/l.png', alpha: '0.8', x: '100', y: '10' };
    expect(watermarkItems([still, picture])).toEqual([
      { ...still, x: 10, color: '#00ff00' },
      { ...picture, alpha: 0.8, x: 100, y: 10 },
    ]);
  });

  test('what is left out, or is no number, has its usual value', () => {
    expect(watermarkItems([{ type: 'rtext', text: 'x', alpha: 'much', color: 'red', size: '' }])).toEqual([
      { type: 'rtext', text: 'x', alpha: 1, color: '#ffffff', size: 15, interval: 5000, skip: 0 },
    ]);
  });

  test('values stay within bounds', () => {
    expect(watermarkItems([{ type: 'rtext', text: 'x', alpha: 7, size: -1, interval: 0, skip: -5 }])).toEqual([
      { type: 'rtext', text: 'x', alpha: 1, color: '#ffffff', size: 4, interval: 250, skip: 0 },
    ]);
  });

  test.each([[null], ['x'], [{ type: 'rtext', text: ' ' }], [{ type: 'image' }], [{ type: 'dance', text: 'x' }]])(
    '%j draws nothing',
    (item) => expect(watermarkItems([item])).toEqual([]),
  );
});
