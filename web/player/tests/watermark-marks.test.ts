import { describe, expect, test } from 'vitest';

import { watermarkItems } from '../src/watermark/items';
import { boxIn, Marks, pictureIn } from '../src/watermark/marks';
import { cryptoRandom, Spread } from '../src/watermark/spread';

const cell = ({ x, y }: { x: number; y: number }) => Math.floor(y * 4) * 4 + Math.floor(x * 4);

describe('Spread', () => {
  test('sixteen places visit every part of the picture once', () => {
    const spread = new Spread();
    for (let round = 0; round < 20; round += 1) {
      const cells = Array.from({ length: 16 }, () => cell(spread.next()));
      expect(new Set(cells).size).toBe(16);
    }
  });

  test('never appears twice in a row in the same part', () => {
    const spread = new Spread();
    const cells = Array.from({ length: 640 }, () => cell(spread.next()));
    expect(cells.slice(1).filter((here, index) => here === cells[index])).toEqual([]);
  });

  test('two courses differ', () => {
    const [one, other] = [new Spread(), new Spread()];
    const both = Array.from({ length: 16 }, () => [one.next(), other.next()] as const);
    expect(both.some(([a, b]) => cell(a) !== cell(b))).toBe(true);
  });

  test('within a part every place is equally likely (chi square over halves)', () => {
    const spread = new Spread(cryptoRandom);
    let left = 0;
    for (let index = 0; index < 4000; index += 1) left += (spread.next().x * 4) % 1 < 0.5 ? 1 : 0;
    expect(Math.abs(left - 2000)).toBeLessThan(5 * Math.sqrt(1000));
  });
});

describe('Marks', () => {
  const items = watermarkItems([
    { type: 'rtext', text: 'm', interval: 1000, skip: 500 },
    { type: 'text', text: 's', x: 1, y: 2 },
  ]);
  const texts = (marks: Marks, now: number) => marks.texts(now).map(({ item }) => item.text).join('');

  test('appears for an interval, is away for the skip, and appears elsewhere', () => {
    const marks = new Marks(items, 0);
    const place = marks.texts(0)[1]?.fraction;
    expect(marks.advance(0)).toBe(true);
    expect([marks.advance(999), texts(marks, 999)]).toEqual([false, 'sm']);
    expect([marks.advance(1000), texts(marks, 1000)]).toEqual([true, 's']);
    expect([marks.advance(1499), texts(marks, 1499)]).toEqual([false, 's']);
    expect([marks.advance(1500), texts(marks, 1500)]).toEqual([true, 'sm']);
    expect(marks.texts(1500)[1]?.fraction).not.toEqual(place);
  });
});

describe('places', () => {
  test('the picture is what the video fills of the stage', () => {
    const stage = { width: 1000, height: 1000 };
    expect(pictureIn(stage, { width: 2000, height: 1000 })).toEqual({ x: 0, y: 250, width: 1000, height: 500 });
    expect(pictureIn(stage, { width: 0, height: 0 })).toEqual({ x: 0, y: 0, ...stage });
  });

  test('a mark stays in the picture, also on a small screen', () => {
    const picture = { x: 0, y: 100, width: 300, height: 200 };
    const size = { width: 100, height: 20 };
    expect(boxIn(picture, size, { x: 10, y: 5 }, null)).toEqual({ x: 10, y: 105, ...size });
    expect(boxIn(picture, size, { x: 900, y: 900 }, null)).toEqual({ x: 200, y: 280, ...size });
    expect(boxIn(picture, size, { x: 0, y: 0 }, { x: 0.5, y: 1 })).toEqual({ x: 100, y: 280, ...size });
  });
});
