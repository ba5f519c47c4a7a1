/** What the page says, in the viewer's language. English is there at once, the others come when they are wanted. */

import { en } from './en';

export type Word = keyof (typeof en)['ui'];
export type ErrorCode = keyof (typeof en)['errors'];

export interface Messages {
  readonly ui: Readonly<Record<Word, string>>;
  /** Title and advice. */
  readonly errors: Readonly<Record<ErrorCode, readonly [title: string, advice: string]>>;
}

const LOADERS: Readonly<Record<string, () => Promise<Messages>>> = {
  en: async () => en,
  es: async () => (await import('./es')).es,
  de: async () => (await import('./de')).de,
  hi: async () => (await import('./hi')).hi,
  ar: async () => (await import('./ar')).ar,
};
const RIGHT_TO_LEFT = new Set(['ar']);

let messages: Messages = en;
let language = 'en';

/** The first of the wanted languages (BCP 47, regions ignored) that there is; English without one. */
export function offered(wanted: readonly string[]): string {
  const primary = wanted.map((code) => code.toLowerCase().split('-')[0] ?? '');
  return primary.find((code) => Object.hasOwn(LOADERS, code)) ?? 'en';
}

/** From now on `say` and `explain` speak it. A language that cannot be loaded leaves English. */
export async function speak(wanted: readonly string[]): Promise<void> {
  const found = offered(wanted);
  messages = await (LOADERS[found]?.().catch(() => en) ?? en);
  language = messages === en ? 'en' : found;
}

export function spokenLanguage(): { readonly code: string; readonly direction: 'ltr' | 'rtl' } {
  return { code: language, direction: RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr' };
}

/** `{name}` in a sentence is replaced by the value of that name. */
export function say(word: Word, values: Readonly<Record<string, string | number>> = {}): string {
  return messages.ui[word].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function explain(code: ErrorCode): { readonly title: string; readonly advice: string } {
  const [title, advice] = messages.errors[code];
  return { title, advice };
}
