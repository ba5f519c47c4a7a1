/** The wrapper around video, controls and overlays: full screen, and hiding the controls when nobody needs them. */

const IDLE_MS = 2500;

export class Stage {
  #timer = 0;

  /** `busy` keeps the controls in sight: paused, or a menu is open. */
  constructor(
    readonly root: HTMLElement,
    private readonly busy: () => boolean,
  ) {
    for (const sign of ['pointermove', 'pointerdown', 'keydown', 'focusin']) {
      root.addEventListener(sign, () => this.wake());
    }
  }

  show(name: string, on: boolean): void {
    this.root.classList.toggle(name, on);
  }

  wake(): void {
    this.show('idle', false);
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.show('idle', !this.busy()), IDLE_MS);
  }

  /** Full screen holds the wrapper, so that controls and overlays stay on the picture. */
  toggleFullScreen(): void {
    if (document.fullscreenElement === null) void this.root.requestFullscreen();
    else void document.exitFullscreen();
  }
}
