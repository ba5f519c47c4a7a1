import { expect, test } from 'vitest';

import { commandFor } from '../src/keyboard';

const press = (key: string, modifiers: object = {}) => ({
  key,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  ...modifiers,
});

test.each([
  [' ', { kind: 'toggle-play' }],
  ['K', { kind: 'toggle-play' }],
  ['ArrowLeft', { kind: 'seek-by', seconds: -5 }],
  ['l', { kind: 'seek-by', seconds: 10 }],
  ['7', { kind: 'seek-to', fraction: 0.7 }],
  ['End', { kind: 'seek-to', fraction: 1 }],
  ['ArrowUp', { kind: 'volume-by', step: 0.05 }],
])('%j asks for %j', (key, command) => {
  expect(commandFor(press(key))).toEqual(command);
});

test('other keys and browser shortcuts are left alone', () => {
  expect(commandFor(press('x'))).toBeNull();
  expect(commandFor(press('f', { ctrlKey: true }))).toBeNull();
  expect(commandFor(press('ArrowLeft', { altKey: true }))).toBeNull();
});
