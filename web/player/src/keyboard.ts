/** The keyboard map: which key asks for what. Shown to viewers with "?". */

export type Command =
  | { readonly kind: 'toggle-play' | 'toggle-mute' | 'toggle-captions' | 'toggle-full-screen' | 'toggle-help' | 'close' }
  | { readonly kind: 'seek-by'; readonly seconds: number }
  | { readonly kind: 'seek-to'; readonly fraction: number }
  | { readonly kind: 'volume-by'; readonly step: number }
  | { readonly kind: 'speed-by'; readonly step: 1 | -1 };

export interface KeyPress {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  ' ': { kind: 'toggle-play' },
  k: { kind: 'toggle-play' },
  m: { kind: 'toggle-mute' },
  c: { kind: 'toggle-captions' },
  f: { kind: 'toggle-full-screen' },
  '?': { kind: 'toggle-help' },
  escape: { kind: 'close' },
  arrowleft: { kind: 'seek-by', seconds: -5 },
  arrowright: { kind: 'seek-by', seconds: 5 },
  j: { kind: 'seek-by', seconds: -10 },
  l: { kind: 'seek-by', seconds: 10 },
  arrowup: { kind: 'volume-by', step: 0.05 },
  arrowdown: { kind: 'volume-by', step: -0.05 },
  '<': { kind: 'speed-by', step: -1 },
  '>': { kind: 'speed-by', step: 1 },
  home: { kind: 'seek-to', fraction: 0 },
  end: { kind: 'seek-to', fraction: 1 },
};

/** Null when the key is not ours, or is part of a browser's shortcut. */
export function commandFor(press: KeyPress): Command | null {
  if (press.altKey || press.ctrlKey || press.metaKey) return null;
  if (/^[0-9]$/.test(press.key)) return { kind: 'seek-to', fraction: Number(press.key) / 10 };
  return COMMANDS[press.key.toLowerCase()] ?? null;
}
