/** `/v2/player.js`: the element `<vdocipher-player otp playbackInfo autoplay litemode cclanguage loop>`. */

import { playerAddress, playerFrame } from './frame';
import { VdoPlayer } from './vdo-player';

/** This script comes from the server that also has the player. */
const SERVER = (document.currentScript as HTMLScriptElement | null)?.src ?? window.location.href;

const FLAGS = ['autoplay', 'litemode', 'loop'] as const;
const TEXTS = { ccLanguage: 'cclanguage', primaryColor: 'primarycolor', controls: 'controls', lang: 'lang' } as const;

class VdoCipherPlayer extends HTMLElement {
  static readonly observedAttributes = ['otp', 'playbackinfo'];

  #player: VdoPlayer | null = null;
  #shown: ((player: VdoPlayer) => void)[] = [];

  connectedCallback(): void {
    this.#show();
  }

  attributeChangedCallback(): void {
    // Both attributes are set one after the other: the frame is made when both are there, and once for both.
    queueMicrotask(() => this.#show());
  }

  /** Resolves when the element has an OTP to show. */
  async getPlayer(): Promise<VdoPlayer> {
    const player = this.#player;
    return player ?? new Promise((resolve) => this.#shown.push(resolve));
  }

  #show(): void {
    const [otp, playbackInfo] = [this.getAttribute('otp'), this.getAttribute('playbackinfo')];
    if (!this.isConnected || otp === null || playbackInfo === null) return;
    if (this.#player !== null) return void this.#player.api.loadVideo({ otp, playbackInfo });
    const flags = FLAGS.map((name) => [name, this.hasAttribute(name) && this.getAttribute(name) !== 'false'] as const);
    const texts = Object.entries(TEXTS).map(([name, attribute]) => [name, this.getAttribute(attribute) ?? undefined] as const);
    const frame = playerFrame(playerAddress(SERVER, { otp, playbackInfo, ...Object.fromEntries([...flags, ...texts]) }));
    if (getComputedStyle(this).display === 'inline') this.style.display = 'block';
    if (this.clientHeight === 0) this.style.aspectRatio = '16 / 9';
    this.replaceChildren(frame);
    const player = VdoPlayer.getInstance(frame);
    this.#player = player;
    for (const shown of this.#shown.splice(0)) shown(player);
  }
}

if (customElements.get('vdocipher-player') === undefined) customElements.define('vdocipher-player', VdoCipherPlayer);
