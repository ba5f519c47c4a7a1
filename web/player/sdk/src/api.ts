/** `/v2/api.js`: the global `VdoPlayer`, and the call of `onVdoPlayerV2APIReady` when it is there. */

import { VdoPlayer } from './vdo-player';

declare global {
  interface Window {
    VdoPlayer?: typeof VdoPlayer;
    onVdoPlayerV2APIReady?: () => void;
  }
}

window.VdoPlayer = VdoPlayer;
// A page may define it after this script, in the same document.
if (typeof window.onVdoPlayerV2APIReady === 'function') window.onVdoPlayerV2APIReady();
else window.addEventListener('DOMContentLoaded', () => window.onVdoPlayerV2APIReady?.(), { once: true });
