/** Buttons, menus and keys, all of them acting on the Transport, the Stage and the Playback. */

import { CaptionStyle } from './caption-style';
import { button, element, region } from './dom';
import { say } from './i18n/messages';
import { commandFor, type Command } from './keyboard';
import { Menu } from './menu';
import type { Notice } from './notice';
import type { Playback } from './playback';
import { nextSpeed, speedChoices, speedLabel } from './speeds';
import { Stage } from './stage';
import { Timeline } from './timeline';
import { isTouch, Taps } from './touch';
import type { Transport } from './transport';

export class Controls {
  readonly #volume = element('#volume', HTMLInputElement);
  readonly #help = element('#help', HTMLDialogElement);
  readonly #menus: readonly Menu[];
  readonly #stage: Stage;
  readonly #captionStyle = new CaptionStyle(region('#stage'));
  readonly #taps = new Taps();

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly playback: Playback,
    private readonly transport: Transport,
    private readonly notice: Notice,
  ) {
    this.#menus = ['#audio', '#captions', '#caption-style', '#speed', '#quality'].map((opener) => new Menu(button(opener), () => this.#openMenu()));
    this.#stage = new Stage(region('#stage'), () => video.paused || this.#menus.some((menu) => menu.open));
    new Timeline(video, (seconds) => playback.previewAt(seconds));
    this.#bindButtons();
    this.#bindVideo();
    this.#bindDocument();
    this.renderTracks();
  }

  renderTracks(): void {
    const captions = this.playback.tracks.captions();
    const choices = [
      this.playback.tracks.languages(),
      captions,
      captions.length === 0 ? [] : this.#captionStyle.choices(),
      speedChoices(this.video),
      this.playback.tracks.qualities(),
    ];
    this.#menus.forEach((menu, index) => menu.render(choices[index] ?? []));
    this.#stage.show('captions-on', captions.slice(1).some((choice) => choice.active));
    this.#stage.show('audio-only', this.playback.tracks.audioOnly);
  }

  #bindButtons(): void {
    const { transport } = this;
    for (const play of ['#big-play', '#play']) button(play).addEventListener('click', () => transport.togglePlay());
    button('#mute').addEventListener('click', () => transport.toggleMute());
    button('#full-screen').addEventListener('click', () => this.#stage.toggleFullScreen());
    button('#full-screen').hidden = !document.fullscreenEnabled;
    button('#help-close').addEventListener('click', () => this.#help.close());
    this.#volume.addEventListener('input', () => transport.setVolume(Number(this.#volume.value)));
  }

  #bindVideo(): void {
    const { video, transport } = this;
    for (const change of ['play', 'pause', 'ended']) video.addEventListener(change, () => this.#renderPlay());
    video.addEventListener('volumechange', () => this.#renderVolume());
    video.addEventListener('ratechange', () => this.renderTracks());
    video.addEventListener('click', (event) => (isTouch(event) ? this.#tap(event) : transport.togglePlay()));
    video.addEventListener('dblclick', (event) => {
      if (!isTouch(event)) this.#stage.toggleFullScreen();
    });
    this.#renderPlay();
    this.#renderVolume();
  }

  #bindDocument(): void {
    document.addEventListener('keydown', (event) => this.#onKey(event));
    document.addEventListener('fullscreenchange', () => this.#renderFullScreen());
    document.addEventListener('pointerdown', (event) => {
      if (event.target instanceof Element && event.target.closest('.anchor') === null) this.#closeMenus();
    });
  }

  #onKey(event: KeyboardEvent): void {
    const command = commandFor(event);
    if (command === null || this.#belongsToFocus(event)) return;
    event.preventDefault();
    this.#stage.wake();
    this.#run(command);
  }

  /** Space presses the focused button; arrows move the focused volume; an open dialog keeps its keys. */
  #belongsToFocus(event: KeyboardEvent): boolean {
    if (this.#help.open) return !['?', 'Escape'].includes(event.key);
    if (document.activeElement instanceof HTMLButtonElement) return event.key === ' ';
    return document.activeElement === this.#volume && /^(Arrow|Home|End)/.test(event.key);
  }

  #run(command: Command): void {
    switch (command.kind) {
      case 'toggle-play':
        return this.transport.togglePlay();
      case 'toggle-mute':
        return this.transport.toggleMute();
      case 'toggle-captions':
        this.playback.tracks.toggleCaptions();
        return this.notice.show(say(this.playback.tracks.captionTracks().some(({ active }) => active) ? 'captionsOn' : 'captionsOff'));
      case 'toggle-full-screen':
        return this.#stage.toggleFullScreen();
      case 'toggle-help':
        return this.#help.open ? this.#help.close() : this.#help.show();
      case 'close':
        this.#help.close();
        return this.#closeMenus();
      case 'volume-by':
        return this.transport.changeVolume(command.step);
      case 'speed-by':
        this.video.playbackRate = nextSpeed(this.video.playbackRate, command.step);
        return this.notice.show(speedLabel(this.video.playbackRate));
      case 'seek-by':
        return this.transport.seekBy(command.seconds);
      case 'seek-to':
        return this.transport.seekToFraction(command.fraction);
    }
  }

  #tap(event: MouseEvent): void {
    const box = this.video.getBoundingClientRect();
    const tap = this.#taps.tap((event.clientX - box.left) / box.width, event.timeStamp);
    if (tap.kind === 'seek-by') this.transport.seekBy(tap.seconds);
    this.#stage.wake();
  }

  #openMenu(): void {
    this.#closeMenus();
    this.renderTracks();
  }

  #closeMenus(): void {
    for (const menu of this.#menus) menu.close();
  }

  #renderPlay(): void {
    const { paused } = this.video;
    this.#stage.show('paused', paused);
    this.#stage.show('ended', this.video.ended);
    button('#play').ariaLabel = say(paused ? 'play' : 'pause');
    button('#big-play').ariaLabel = say(this.video.ended ? 'replay' : 'play');
    this.#stage.wake();
  }

  #renderVolume(): void {
    const audible = this.video.muted ? 0 : this.video.volume;
    this.#stage.show('muted', audible === 0);
    button('#mute').ariaLabel = say(audible === 0 ? 'unmute' : 'mute');
    this.#volume.value = String(audible);
    this.#volume.style.setProperty('--played', `${audible * 100}%`);
  }

  #renderFullScreen(): void {
    const full = document.fullscreenElement !== null;
    this.#stage.show('full', full);
    button('#full-screen').ariaLabel = say(full ? 'leaveFullScreen' : 'fullScreen');
  }
}
