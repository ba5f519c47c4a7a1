/** Times as people read and hear them. Seconds in, text out. */

import { say, spokenLanguage } from './i18n/messages';

/** "4:05", or "1:04:05" from an hour on. Not-a-number (duration unknown) reads as zero. */
export function clock(seconds: number): string {
  const total = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const padded = String(rest).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${padded}` : `${minutes}:${padded}`;
}

/** For screen readers: "1 minute 5 seconds of 2 minutes", in the language of the page. */
export function spokenPosition(position: number, duration: number): string {
  return say('positionOf', { position: spoken(position), duration: spoken(duration) });
}

function spoken(seconds: number): string {
  const total = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  const parts = [
    [Math.floor(total / 3600), 'hour'],
    [Math.floor(total / 60) % 60, 'minute'],
    [total % 60, 'second'],
  ] as const;
  const counted = parts.filter(([count]) => count > 0);
  return (counted.length === 0 ? ([[0, 'second']] as const) : counted).map(([count, unit]) => amount(count, unit)).join(' ');
}

function amount(count: number, unit: 'hour' | 'minute' | 'second'): string {
  return new Intl.NumberFormat(spokenLanguage().code, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}
