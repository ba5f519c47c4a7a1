/** The same failure has another reason, and another remedy, offline or on an insecure page. */

import { PlayerError } from './errors';

export function inItsPlace(error: PlayerError, online: boolean, secure: boolean): PlayerError {
  if (!online && ['NETWORK', 'STALLED'].includes(error.code)) return new PlayerError('OFFLINE', error.detail);
  // Browsers have no Encrypted Media Extensions there.
  if (!secure && error.code === 'UNSUPPORTED_BROWSER') return new PlayerError('INSECURE_ORIGIN', error.detail);
  return error;
}
