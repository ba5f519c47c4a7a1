/** What a viewer sees instead of the video when it cannot be played. */

import { button, region } from './dom';
import type { PlayerError } from './errors';

export function showError(error: PlayerError): void {
  const { title, advice, retry } = error.explanation;
  region('#error-title').textContent = title;
  region('#error-advice').textContent = advice;
  region('#error-code').textContent = error.detail === '' ? error.code : `${error.code} · ${error.detail}`;
  const again = button('#retry');
  again.hidden = !retry;
  again.onclick = () => window.location.reload();
  if (error.code === 'OFFLINE') window.addEventListener('online', () => window.location.reload());
  region('#error').hidden = false;
  if (retry) again.focus();
}
